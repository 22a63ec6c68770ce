BEGIN;
DELETE FROM saved_searches WHERE query ~ '^[A-Z]{2}-\d{4}-\d{6}$';
ALTER TABLE saved_searches DROP CONSTRAINT saved_searches_query_not_personal;
ALTER TABLE saved_searches ADD CONSTRAINT saved_searches_query_not_personal
    CHECK (query !~ '(^|[^[:alnum:]])\d{6}' AND query !~ '\d{6}\s*[-+]?\s*\d{4}'
           AND regexp_replace(query, '[\s+-]', '', 'g') !~ '^\d{6}');
COMMENT ON COLUMN saved_searches.query IS 'As typed; never a personnummer or a birth date.';
COMMENT ON COLUMN hand_overs.then_ends IS 'What ends with the last card: nothing, the role orderer, or the whole membership.';
DROP TRIGGER hand_overs_after_insert ON hand_overs;
DROP FUNCTION hand_overs_after_insert;
CREATE OR REPLACE FUNCTION memberships_end() RETURNS trigger LANGUAGE plpgsql AS
$$
DECLARE
    rule text;
BEGIN
    PERFORM FROM companies c WHERE c.id = OLD.company_id FOR NO KEY UPDATE;
    IF OLD.role = 'administrator' AND NOT EXISTS (
        SELECT FROM memberships m
        WHERE m.company_id = OLD.company_id AND m.role = OLD.role AND m.person_id <> OLD.person_id AND m.ended_at IS NULL
          -- Who was only invited does not stand in for somebody who can log in.
          AND (EXISTS (SELECT FROM logins l WHERE l.person_id = m.person_id AND l.disabled_at IS NULL)
               OR NOT EXISTS (SELECT FROM logins l WHERE l.person_id = OLD.person_id AND l.disabled_at IS NULL))) THEN
        rule := 'memberships_last_administrator';
    ELSIF OLD.role = 'orderer' AND EXISTS (
        SELECT FROM cards c JOIN card_statuses s ON s.status = c.status
        WHERE c.company_id = OLD.company_id AND c.orderer_id = OLD.person_id AND NOT s.final) THEN
        rule := 'memberships_orderer_has_cards';
    END IF;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'memberships', SCHEMA = 'public';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;
DROP FUNCTION last_administrator;
CREATE OR REPLACE FUNCTION hand_over_some(p_hand_over bigint, p_limit integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    h    hand_overs;
    rule text;
    n    integer := 0;
BEGIN
    -- Of two at once the second waits, and goes on where the first ended.
    SELECT x.* INTO h FROM hand_overs x WHERE x.id = p_hand_over FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    IF h.finished_at IS NOT NULL THEN
        RETURN 'was_finished';
    END IF;
    IF h.then_ends <> 'nothing' THEN
        -- Who orders at this moment is done before, so that the card is among those below, or comes too late. The company comes first as
        -- wherever a role changes.
        PERFORM FROM companies c WHERE c.id = h.company_id FOR NO KEY UPDATE;
        PERFORM FROM memberships m WHERE m.company_id = h.company_id AND m.person_id = h.from_id AND m.role = 'orderer' FOR NO KEY UPDATE;
    END IF;
    BEGIN
        WITH next AS MATERIALIZED (
            -- No join: a card whose status changes while it is waited for is looked at again, and must still be found.
            SELECT c.id, c.version, c.kind, c.status
            FROM cards c
            WHERE c.company_id = h.company_id AND c.orderer_id = h.from_id AND c.status <> ALL (ARRAY(SELECT s.status FROM card_statuses s WHERE s.final))
            ORDER BY c.sort_key, c.id LIMIT p_limit
            FOR NO KEY UPDATE)
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason, note, successor_id)
        SELECT x.id, x.version + 1, h.company_id, x.kind, h.action, x.status, x.status, h.asked_by, 'administrator', h.reason, h.note, h.to_id
        FROM next x;
        GET DIAGNOSTICS n = ROW_COUNT;
        IF n = p_limit OR EXISTS (
            SELECT FROM cards c JOIN card_statuses s ON s.status = c.status
            WHERE c.company_id = h.company_id AND c.orderer_id = h.from_id AND NOT s.final) THEN
            UPDATE hand_overs x SET done = x.done + n WHERE x.id = h.id;
            RETURN 'more';
        END IF;
    EXCEPTION WHEN check_violation THEN
        GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
        n := 0;
    END;
    IF rule IS NULL AND h.then_ends <> 'nothing' THEN
        BEGIN
            INSERT INTO membership_events (company_id, person_id, role, action, actor_id)
            SELECT m.company_id, m.person_id, m.role, 'end', h.asked_by
            FROM memberships m
            WHERE m.company_id = h.company_id AND m.person_id = h.from_id AND m.ended_at IS NULL AND (h.then_ends = 'membership' OR m.role = 'orderer');
        EXCEPTION WHEN check_violation THEN
            GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
        END;
    END IF;
    UPDATE hand_overs x SET done = x.done + n, finished_at = clock_now(), refused_by = rule WHERE x.id = h.id;
    RETURN 'finished';
END
$$;
CREATE OR REPLACE FUNCTION membership_events_before_insert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    PERFORM FROM companies c WHERE c.id = NEW.company_id FOR NO KEY UPDATE;
    IF NEW.actor_id IS NOT NULL AND NOT works_as(NEW.company_id, NEW.actor_id, 'administrator') THEN
        RAISE EXCEPTION 'roles are given by an administrator'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_events_by_administrator', TABLE = 'membership_events', SCHEMA = 'public';
    END IF;
    IF works_as(NEW.company_id, NEW.person_id, NEW.role) = (NEW.action = 'begin') THEN
        RETURN NULL; -- so it is already
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE FUNCTION deputies_before_insert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    rule text;
BEGIN
    PERFORM FROM companies c WHERE c.id = NEW.company_id FOR NO KEY UPDATE;
    rule := CASE
        WHEN NOT (works_as(NEW.company_id, NEW.named_by, 'administrator')
                  OR NEW.named_by = NEW.orderer_id AND works_as(NEW.company_id, NEW.named_by, 'orderer')) THEN 'deputies_named_by_right'
        WHEN NOT works_as(NEW.company_id, NEW.orderer_id, 'orderer') THEN 'deputies_for_an_orderer'
        WHEN NOT works_as(NEW.company_id, NEW.deputy_id, 'orderer') THEN 'deputies_is_orderer'
        WHEN NEW.first_day < today() THEN 'deputies_not_backdated'
        WHEN EXISTS (SELECT FROM deputies d
                     WHERE d.company_id = NEW.company_id AND d.orderer_id = NEW.orderer_id AND d.cancelled_at IS NULL
                       AND d.first_day <= NEW.last_day AND d.last_day >= NEW.first_day) THEN 'deputies_one_at_a_time'
    END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'deputies', SCHEMA = 'public';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE FUNCTION hand_overs_before_insert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    rule text;
BEGIN
    PERFORM FROM companies c WHERE c.id = NEW.company_id FOR NO KEY UPDATE;
    rule := CASE
        WHEN NOT works_as(NEW.company_id, NEW.asked_by, 'administrator') THEN 'hand_overs_by_administrator'
        WHEN NOT works_as(NEW.company_id, NEW.to_id, 'orderer') THEN 'hand_overs_to_an_orderer'
        -- Who is giving all cards away gets none, and the other way round: they would never end.
        WHEN EXISTS (SELECT FROM hand_overs h
                     WHERE h.company_id = NEW.company_id AND h.finished_at IS NULL AND (h.from_id = NEW.to_id OR h.to_id = NEW.from_id))
            THEN 'hand_overs_one_way'
    END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'hand_overs', SCHEMA = 'public';
    END IF;
    NEW.cards := (SELECT count(*) FROM cards c JOIN card_statuses s ON s.status = c.status
                  WHERE c.company_id = NEW.company_id AND c.orderer_id = NEW.from_id AND NOT s.final);
    RETURN NEW;
END
$$;
DROP FUNCTION lock_company;
COMMIT;
