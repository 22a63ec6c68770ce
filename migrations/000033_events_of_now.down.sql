BEGIN;
CREATE OR REPLACE FUNCTION card_events_judge() RETURNS trigger LANGUAGE plpgsql AS
$$
DECLARE
    c    cards;
    rule text;
BEGIN
    SELECT x.* INTO STRICT c FROM cards x WHERE x.id = NEW.card_id;
    rule := card_guard(c, NEW.action, NEW.actor_id, NEW.actor_role);
    IF rule IS NULL AND NEW.successor_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM memberships m
        WHERE m.company_id = NEW.company_id AND m.person_id = NEW.successor_id AND m.role = 'orderer' AND m.ended_at IS NULL) THEN
        rule := 'card_events_successor_is_orderer';
    END IF;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER card_events_1_in_time ON card_events;
DROP TRIGGER card_events_0_now ON card_events;
DROP TRIGGER card_orders_0_now ON card_orders;
DROP TRIGGER planned_actions_0_now ON planned_actions;
DROP TRIGGER pin_views_0_now ON pin_views;
DROP FUNCTION card_events_in_time, written_now, oldest_transaction;
COMMIT;
