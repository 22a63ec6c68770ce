-- The PIN: encrypted with a key that is not in this database, made with the activation, seen only through view_pin.
--
-- The application cannot read the table at all. Whoever wants the ciphertext asks view_pin, which judges and keeps count.
BEGIN;

CREATE TABLE card_pins (
    card_id    bigint CONSTRAINT card_pins_pkey PRIMARY KEY CONSTRAINT card_pins_card REFERENCES cards,
    key_id     bigint NOT NULL,
    ciphertext bytea  NOT NULL CONSTRAINT card_pins_ciphertext_length CHECK (length(ciphertext) BETWEEN 20 AND 200)
);
COMMENT ON TABLE card_pins IS 'The PINs, encrypted by the application and bound to their card. A terminated card has none.';
COMMENT ON COLUMN card_pins.key_id IS 'Which key of the keyset encrypted it.';
COMMENT ON COLUMN card_pins.ciphertext IS 'Tink AEAD with the card as associated data, all of one length.';
CREATE INDEX card_pins_by_key ON card_pins (key_id, card_id);

CREATE TABLE pin_views (
    card_id   bigint      NOT NULL CONSTRAINT pin_views_card REFERENCES cards,
    viewed_on date        NOT NULL,
    outcome   text        NOT NULL CONSTRAINT pin_views_outcome_known CHECK (outcome IN ('shown', 'wrong_number')),
    nth       smallint    NOT NULL CONSTRAINT pin_views_five_a_day CHECK (nth BETWEEN 1 AND 5),
    viewed_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT pin_views_pkey PRIMARY KEY (card_id, viewed_on, outcome, nth)
);
COMMENT ON TABLE pin_views IS
    'Each time the holder was shown a PIN, or gave a wrong card number for it: at most five of each a day (Europe/Stockholm) and card.';
COMMENT ON COLUMN pin_views.viewed_on IS 'The day in Sweden.';
COMMENT ON COLUMN pin_views.nth IS 'The how manieth of its outcome that day.';
GRANT SELECT ON pin_views TO kortportal_app;

CREATE FUNCTION activate_card(p_card bigint, p_version integer, p_actor bigint, p_key_id bigint, p_ciphertext bytea)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c cards;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.person_id = p_actor;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO card_pins (card_id, key_id, ciphertext) VALUES (c.id, p_key_id, p_ciphertext) ON CONFLICT DO NOTHING;
    INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
    SELECT c.id, p_version + 1, c.company_id, c.kind, 'activate', c.status, coalesce(t.to_status, c.status), p_actor, 'holder'
    FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = 'activate' AND t.from_status = c.status;
    RETURN p_version + 1;
END
$$;
COMMENT ON FUNCTION activate_card IS
    'The holder activates an own card: stores its PIN and appends the event; the older card of the same person and company ends with it. '
    'Returns the new version; null when the person has no such card.';

-- No activation without a PIN, and no PIN beyond the end of its card.
CREATE FUNCTION card_events_pin() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NEW.action = 'activate' AND NOT EXISTS (SELECT FROM card_pins p WHERE p.card_id = NEW.card_id) THEN
        RAISE EXCEPTION 'a card is activated together with its PIN'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_activated_with_pin', TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    DELETE FROM card_pins p USING card_statuses s WHERE p.card_id = NEW.card_id AND s.status = NEW.to_status AND s.final;
    RETURN NULL;
END
$$;
CREATE TRIGGER card_events_4_pin AFTER INSERT ON card_events FOR EACH ROW EXECUTE FUNCTION card_events_pin();
ALTER TABLE card_events ENABLE ALWAYS TRIGGER card_events_4_pin;

CREATE FUNCTION view_pin(p_card bigint, p_holder bigint, p_last_six text, OUT outcome text, OUT ciphertext bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c    cards;
    pin  card_pins;
    used integer;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.person_id = p_holder;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    SELECT x.* INTO pin FROM card_pins x WHERE x.card_id = c.id FOR UPDATE;
    IF NOT FOUND OR effective_status(c.status, c.valid_to, false, today()) <> 'active' THEN
        outcome := 'not_active';
        RETURN;
    END IF;
    outcome := CASE WHEN right(c.number, 6) = p_last_six THEN 'shown' ELSE 'wrong_number' END;
    -- Five of either kind end the day's views, so that wrong numbers cannot be tried for ever.
    SELECT max(v.nth) INTO used FROM pin_views v WHERE v.card_id = c.id AND v.viewed_on = today()
        GROUP BY v.outcome ORDER BY max(v.nth) DESC LIMIT 1;
    IF used >= 5 THEN
        outcome := 'too_often';
        RETURN;
    END IF;
    INSERT INTO pin_views (card_id, viewed_on, outcome, nth)
    SELECT c.id, today(), view_pin.outcome, coalesce(max(v.nth), 0) + 1
    FROM pin_views v WHERE v.card_id = c.id AND v.viewed_on = today() AND v.outcome = view_pin.outcome;
    IF outcome = 'shown' THEN
        ciphertext := pin.ciphertext;
    END IF;
END
$$;
COMMENT ON FUNCTION view_pin IS
    'The one way to a PIN: for the holder, of an active card that has not expired, with the last six digits of the printed number, '
    'at most five times a day. Every view is written down. outcome: shown, wrong_number, too_often, not_active, not_found.';

REVOKE EXECUTE ON FUNCTION activate_card, card_events_pin, view_pin FROM PUBLIC;
GRANT EXECUTE ON FUNCTION activate_card, view_pin TO kortportal_app;

COMMIT;
