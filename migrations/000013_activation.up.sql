-- Whoever activates a card has it in hand: the number printed on it is asked for, judged here, and wrong ones are counted.
BEGIN;

CREATE TABLE activation_tries (
    card_id  bigint      NOT NULL CONSTRAINT activation_tries_card REFERENCES cards,
    tried_on date        NOT NULL,
    nth      smallint    NOT NULL CONSTRAINT activation_tries_five_a_day CHECK (nth BETWEEN 1 AND 5),
    tried_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT activation_tries_pkey PRIMARY KEY (card_id, tried_on, nth)
);
COMMENT ON TABLE activation_tries IS 'Each time the holder gave a wrong number to activate a card: at most five a day (Europe/Stockholm) and card.';
COMMENT ON COLUMN activation_tries.tried_on IS 'The day in Sweden.';
COMMENT ON COLUMN activation_tries.nth IS 'The how manieth of that day.';
COMMENT ON COLUMN activation_tries.tried_at IS 'By the portal''s clock.';
GRANT SELECT ON activation_tries TO kortportal_app;

DROP FUNCTION activate_card(bigint, integer, bigint, bigint, bytea);
CREATE FUNCTION activate_card(p_card bigint, p_version integer, p_actor bigint, p_number text, p_key_id bigint, p_ciphertext bytea,
                              OUT version integer, OUT refused_by text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c    cards;
    used integer;
BEGIN
    -- All activations for one person queue up here, so that tries at once are counted, and each sees what the one before it did.
    PERFORM pg_advisory_xact_lock(hashtextextended('activate', p_actor));
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.person_id = p_actor;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT coalesce(max(a.nth), 0) INTO used FROM activation_tries a WHERE a.card_id = c.id AND a.tried_on = today();
    refused_by := CASE WHEN used >= 5 THEN 'activation_tries_five_a_day'
                       WHEN (p_number IN (c.number, right(c.number, 6))) IS NOT TRUE THEN 'card_events_possession' END;
    -- Returned and not raised, so that the try stays written. Where another rule is in the way, the event below says which.
    IF refused_by IS NOT NULL AND card_refusal(c, 'activate', p_actor, 'holder') IS NULL THEN
        IF used < 5 THEN
            INSERT INTO activation_tries (card_id, tried_on, nth) VALUES (c.id, today(), used + 1);
        END IF;
        RETURN;
    END IF;
    INSERT INTO card_pins (card_id, key_id, ciphertext) VALUES (c.id, p_key_id, p_ciphertext) ON CONFLICT DO NOTHING;
    INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
    SELECT c.id, p_version + 1, c.company_id, c.kind, 'activate', c.status, coalesce(t.to_status, c.status), p_actor, 'holder'
    FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = 'activate' AND t.from_status = c.status;
    IF refused_by IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', refused_by
            USING ERRCODE = 'check_violation', CONSTRAINT = refused_by, TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    version := p_version + 1;
END
$$;
COMMENT ON FUNCTION activate_card IS
    'The holder activates an own card with its number, whole or the last six digits: stores its PIN and appends the event; the older card '
    'of the same person and company ends with it. version: the new one; null when the person has no such card, or when refused_by names '
    'card_events_possession (a wrong number, which is written down) or activation_tries_five_a_day.';

REVOKE EXECUTE ON FUNCTION activate_card FROM PUBLIC;
GRANT EXECUTE ON FUNCTION activate_card TO kortportal_app;

COMMIT;
