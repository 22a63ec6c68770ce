BEGIN;
ALTER TABLE card_orders DROP CONSTRAINT card_orders_given_name_no_number, DROP CONSTRAINT card_orders_family_name_no_number;
COMMENT ON COLUMN issuer_looks.card_ids IS 'The cards that were shown. What was searched for is not kept: it may be a personnummer.';
GRANT UPDATE (name) ON companies TO kortportal_app;
GRANT UPDATE (given_name, family_name) ON persons TO kortportal_app;
GRANT DELETE ON order_imports TO kortportal_app;
DROP TRIGGER card_events_9_now ON card_events;
DROP TRIGGER card_orders_9_now ON card_orders;
DROP TRIGGER planned_actions_9_now ON planned_actions;
DROP TRIGGER pin_views_9_now ON pin_views;
DROP FUNCTION read_pin, view_pin;
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

REVOKE EXECUTE ON FUNCTION view_pin FROM PUBLIC;
GRANT EXECUTE ON FUNCTION view_pin TO kortportal_app;
ALTER TABLE pin_views DROP COLUMN written_by;
COMMIT;
