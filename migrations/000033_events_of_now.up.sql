-- An event is written after the one before it, by what there is now: not in the order of a statement's rows, not in a transaction that began
-- long ago, whose clock has stood still since, and not on a snapshot that others have overtaken.
BEGIN;

CREATE FUNCTION oldest_transaction() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '1 minute' $$;
COMMENT ON FUNCTION oldest_transaction IS 'How long ago a transaction may have begun that decides something: by its clock everything in it happens.';

CREATE FUNCTION written_now() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    IF (current_setting('transaction_isolation') <> 'read committed' OR clock_timestamp() - transaction_timestamp() > public.oldest_transaction())
       AND NOT pg_has_role(session_user, (SELECT t.relowner FROM pg_class t WHERE t.oid = TG_RELID), 'USAGE') THEN
        RAISE EXCEPTION 'what is decided is decided by what there is now'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_of_now', TABLE = TG_TABLE_NAME, SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION written_now IS 'Refuses what is written by an old clock or on an old snapshot. The owner may, who loads histories.';
CREATE TRIGGER card_events_0_now BEFORE INSERT ON card_events FOR EACH STATEMENT EXECUTE FUNCTION written_now();
CREATE TRIGGER card_orders_0_now BEFORE INSERT ON card_orders FOR EACH STATEMENT EXECUTE FUNCTION written_now();
CREATE TRIGGER planned_actions_0_now BEFORE INSERT OR UPDATE ON planned_actions FOR EACH STATEMENT EXECUTE FUNCTION written_now();
CREATE TRIGGER pin_views_0_now BEFORE INSERT ON pin_views FOR EACH STATEMENT EXECUTE FUNCTION written_now();
ALTER TABLE card_events ENABLE ALWAYS TRIGGER card_events_0_now;
ALTER TABLE card_orders ENABLE ALWAYS TRIGGER card_orders_0_now;
ALTER TABLE planned_actions ENABLE ALWAYS TRIGGER planned_actions_0_now;
ALTER TABLE pin_views ENABLE ALWAYS TRIGGER pin_views_0_now;

CREATE FUNCTION card_events_in_time() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    NEW.occurred_at := greatest(NEW.occurred_at, (SELECT e.occurred_at FROM public.card_events e WHERE e.card_id = NEW.card_id AND e.seq = NEW.seq - 1));
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION card_events_in_time IS 'Of two who wait for each other the second may have begun first: its event is not dated before the other.';
CREATE TRIGGER card_events_1_in_time BEFORE INSERT ON card_events FOR EACH ROW WHEN (NEW.seq > 1) EXECUTE FUNCTION card_events_in_time();
ALTER TABLE card_events ENABLE ALWAYS TRIGGER card_events_1_in_time;

CREATE OR REPLACE FUNCTION card_events_judge() RETURNS trigger LANGUAGE plpgsql AS
$$
DECLARE
    c    cards;
    rule text;
BEGIN
    SELECT x.* INTO STRICT c FROM cards x WHERE x.id = NEW.card_id;
    -- The first event finds its card in version 1. Of several rows of a statement each finds what those before it have made of the card.
    IF c.version <> greatest(NEW.seq - 1, 1) THEN
        rule := 'card_events_chain';
    ELSE
        rule := card_guard(c, NEW.action, NEW.actor_id, NEW.actor_role);
    END IF;
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

REVOKE EXECUTE ON FUNCTION oldest_transaction, written_now, card_events_in_time FROM PUBLIC;
GRANT EXECUTE ON FUNCTION oldest_transaction TO kortportal_app;

COMMIT;
