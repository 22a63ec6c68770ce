-- Ways around a rule, for whoever has taken over the application: a PIN read and the view of it taken back, an event of a statement that dawdles,
-- rights that nothing uses; and an order that could not be rejected.
BEGIN;

-- A PIN is handed out by another transaction than the one that counted the view, which by then nobody can take back.
ALTER TABLE pin_views ADD COLUMN written_by xid8 NOT NULL DEFAULT pg_current_xact_id();
COMMENT ON COLUMN pin_views.written_by IS 'The transaction, which read_pin does not hand the PIN to.';

DROP FUNCTION view_pin(bigint, bigint, text);
CREATE FUNCTION view_pin(p_card bigint, p_holder bigint, p_last_six text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c    cards;
    tried text;
    used integer;
BEGIN
    -- Locked, so that nobody blocks the card while this waits.
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.person_id = p_holder FOR SHARE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    PERFORM FROM card_pins x WHERE x.card_id = c.id FOR UPDATE;
    IF NOT FOUND OR effective_status(c.status, c.valid_to, false, today()) <> 'active' THEN
        RETURN 'not_active';
    END IF;
    tried := CASE WHEN right(c.number, 6) = p_last_six THEN 'shown' ELSE 'wrong_number' END;
    -- Five of either kind end the day's views, so that wrong numbers cannot be tried for ever.
    SELECT max(v.nth) INTO used FROM pin_views v WHERE v.card_id = c.id AND v.viewed_on = today()
        GROUP BY v.outcome ORDER BY max(v.nth) DESC LIMIT 1;
    IF used >= 5 THEN
        RETURN 'too_often';
    END IF;
    INSERT INTO pin_views (card_id, viewed_on, outcome, nth)
    SELECT c.id, today(), tried, coalesce(max(v.nth), 0) + 1
    FROM pin_views v WHERE v.card_id = c.id AND v.viewed_on = today() AND v.outcome = tried;
    RETURN tried;
END
$$;
COMMENT ON FUNCTION view_pin IS
    'Judges and counts a view of a PIN: for the holder, of an active card that has not expired, with the last six digits of the printed number, at most five times a day. Returns shown, after which read_pin hands it out, or wrong_number, too_often, not_active, not_found.';

CREATE FUNCTION read_pin(p_card bigint, p_holder bigint) RETURNS bytea
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT p.ciphertext
    FROM cards c JOIN card_pins p ON p.card_id = c.id
    WHERE c.id = p_card AND c.person_id = p_holder AND effective_status(c.status, c.valid_to, false, today()) = 'active'
      AND EXISTS (
          SELECT FROM pin_views v
          WHERE v.card_id = c.id AND v.outcome = 'shown' AND v.viewed_at > clock_now() - interval '1 minute' AND v.written_by <> pg_current_xact_id())
$$;
COMMENT ON FUNCTION read_pin IS
    'The one way to a PIN, encrypted: for a minute after a view that an earlier transaction counted, while the card is active. Null otherwise.';
REVOKE EXECUTE ON FUNCTION view_pin, read_pin FROM PUBLIC;
GRANT EXECUTE ON FUNCTION view_pin, read_pin TO kortportal_app;

-- A statement may wait, for its rows or for locks: the clock is looked at again when it ends.
CREATE TRIGGER card_events_9_now AFTER INSERT ON card_events FOR EACH STATEMENT EXECUTE FUNCTION written_now();
CREATE TRIGGER card_orders_9_now AFTER INSERT ON card_orders FOR EACH STATEMENT EXECUTE FUNCTION written_now();
CREATE TRIGGER planned_actions_9_now AFTER INSERT OR UPDATE ON planned_actions FOR EACH STATEMENT EXECUTE FUNCTION written_now();
CREATE TRIGGER pin_views_9_now AFTER INSERT ON pin_views FOR EACH STATEMENT EXECUTE FUNCTION written_now();
ALTER TABLE card_events ENABLE ALWAYS TRIGGER card_events_9_now;
ALTER TABLE card_orders ENABLE ALWAYS TRIGGER card_orders_9_now;
ALTER TABLE planned_actions ENABLE ALWAYS TRIGGER planned_actions_9_now;
ALTER TABLE pin_views ENABLE ALWAYS TRIGGER pin_views_9_now;

-- Companies and persons are renamed by the functions that judge it, and by nobody else.
REVOKE UPDATE (name) ON companies FROM kortportal_app;
REVOKE UPDATE (given_name, family_name) ON persons FROM kortportal_app;
REVOKE DELETE ON order_imports FROM kortportal_app;

-- A card with a personnummer for a name could be neither rejected nor declined: no mail may say it. What was ordered before stays as it is.
ALTER TABLE card_orders
    ADD CONSTRAINT card_orders_given_name_no_number CHECK (given_name !~ '\d{6}[-+]?\d{4}') NOT VALID,
    ADD CONSTRAINT card_orders_family_name_no_number CHECK (family_name !~ '\d{6}[-+]?\d{4}') NOT VALID;

COMMENT ON COLUMN issuer_looks.card_ids IS
    'The cards that were shown or, where there were but counts, the first of those counted; none where nothing was found. What was searched for is not kept: it may be a personnummer.';

COMMIT;
