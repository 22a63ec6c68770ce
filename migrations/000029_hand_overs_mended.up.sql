-- A hand-over waits for what is planned and due, instead of ending over it. And whoever is removed with many cards is no administrator meanwhile, so as
-- not to turn the removal round. What rests on the company's lock is refused to a transaction that would not see what others did before it.
--
-- Beside that: the search for a card number may be saved.
BEGIN;

CREATE FUNCTION lock_company(p_company bigint) RETURNS void LANGUAGE plpgsql AS
$$
BEGIN
    -- The row is only locked and never changed, so that nothing else would keep an old snapshot from going on.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'who has which role is decided by what there is now'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_read_committed', TABLE = 'memberships', SCHEMA = 'public';
    END IF;
    PERFORM FROM companies c WHERE c.id = p_company FOR NO KEY UPDATE;
END
$$;
COMMENT ON FUNCTION lock_company IS
    'Who changes roles, deputies or hand-overs of a company waits here for whoever did so before, and then sees what that was.';
REVOKE EXECUTE ON FUNCTION lock_company FROM PUBLIC;

-- As before, but for the lock.
CREATE OR REPLACE FUNCTION membership_events_before_insert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    PERFORM lock_company(NEW.company_id);
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
    PERFORM lock_company(NEW.company_id);
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
    PERFORM lock_company(NEW.company_id);
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

-- As before; but the plans of the cards are taken before the cards, and a plan that is due does not end it.
CREATE OR REPLACE FUNCTION hand_over_some(p_hand_over bigint, p_limit integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    h    hand_overs;
    next bigint[];
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
        PERFORM lock_company(h.company_id);
        PERFORM FROM memberships m WHERE m.company_id = h.company_id AND m.person_id = h.from_id AND m.role = 'orderer' FOR NO KEY UPDATE;
    END IF;
    BEGIN
        next := ARRAY(
            SELECT c.id
            FROM cards c
            WHERE c.company_id = h.company_id AND c.orderer_id = h.from_id AND c.status <> ALL (ARRAY(SELECT s.status FROM card_statuses s WHERE s.final))
            ORDER BY c.sort_key, c.id LIMIT p_limit);
        -- Their plans before them, as whoever settles or withdraws one does.
        PERFORM FROM planned_actions p WHERE p.card_id = ANY (next) AND p.outcome IS NULL ORDER BY p.id FOR UPDATE;
        WITH held AS MATERIALIZED (
            -- No join: a card whose status changes while it is waited for is looked at again, and must still be found.
            SELECT c.id, c.version, c.kind, c.status
            FROM cards c
            WHERE c.id = ANY (next)
              AND c.company_id = h.company_id AND c.orderer_id = h.from_id AND c.status <> ALL (ARRAY(SELECT s.status FROM card_statuses s WHERE s.final))
            ORDER BY c.sort_key, c.id
            FOR NO KEY UPDATE)
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason, note, successor_id)
        SELECT x.id, x.version + 1, h.company_id, x.kind, h.action, x.status, x.status, h.asked_by, 'administrator', h.reason, h.note, h.to_id
        FROM held x;
        GET DIAGNOSTICS n = ROW_COUNT;
        IF n = p_limit OR EXISTS (
            SELECT FROM cards c JOIN card_statuses s ON s.status = c.status
            WHERE c.company_id = h.company_id AND c.orderer_id = h.from_id AND NOT s.final) THEN
            UPDATE hand_overs x SET done = x.done + n WHERE x.id = h.id;
            RETURN 'more';
        END IF;
    EXCEPTION WHEN check_violation THEN
        GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
        IF rule = 'card_events_due_first' THEN
            RAISE; -- no obstacle: once that is settled the hand-over goes on
        END IF;
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

-- As before; but who is the last administrator can be asked before anything else is done.
CREATE FUNCTION last_administrator(p_company bigint, p_person bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM memberships m
        WHERE m.company_id = p_company AND m.role = 'administrator' AND m.person_id <> p_person AND m.ended_at IS NULL
          -- Who was only invited does not stand in for somebody who can log in.
          AND (EXISTS (SELECT FROM logins l WHERE l.person_id = m.person_id AND l.disabled_at IS NULL)
               OR NOT EXISTS (SELECT FROM logins l WHERE l.person_id = p_person AND l.disabled_at IS NULL)));
END
$$;
COMMENT ON FUNCTION last_administrator IS
    'Whether nobody would be left to look after a company without a person who is its administrator: an administrator who can log in, if the person can.';

CREATE OR REPLACE FUNCTION memberships_end() RETURNS trigger LANGUAGE plpgsql AS
$$
DECLARE
    rule text;
BEGIN
    PERFORM lock_company(OLD.company_id);
    IF OLD.role = 'administrator' AND last_administrator(OLD.company_id, OLD.person_id) THEN
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

-- Who removes himself or herself hands each card over as administrator, so that this role ends with the last card, unless it cannot end at all.
CREATE FUNCTION hand_overs_after_insert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NEW.from_id <> NEW.asked_by THEN
        INSERT INTO membership_events (company_id, person_id, role, action, actor_id)
        VALUES (NEW.company_id, NEW.from_id, 'administrator', 'end', NEW.asked_by);
    ELSIF last_administrator(NEW.company_id, NEW.from_id) THEN
        RAISE EXCEPTION 'the last administrator stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_last_administrator', TABLE = 'memberships', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER hand_overs_after_insert AFTER INSERT ON hand_overs FOR EACH ROW
    WHEN (NEW.then_ends = 'membership') EXECUTE FUNCTION hand_overs_after_insert();
ALTER TABLE hand_overs ENABLE ALWAYS TRIGGER hand_overs_after_insert;
COMMENT ON COLUMN hand_overs.then_ends IS
    'What ends with the last card: nothing, the role orderer, or the whole membership; but of the membership of another than asked_by the role '
    'administrator ends at once.';

REVOKE EXECUTE ON FUNCTION last_administrator, hand_overs_after_insert FROM PUBLIC;

ALTER TABLE saved_searches DROP CONSTRAINT saved_searches_query_not_personal;
ALTER TABLE saved_searches ADD CONSTRAINT saved_searches_query_not_personal
    CHECK (query ~ '^[A-Z]{2}-\d{4}-\d{6}$'
           OR query !~ '(^|[^[:alnum:]])\d{6}' AND query !~ '\d{6}\s*[-+]?\s*\d{4}' AND regexp_replace(query, '[\s+-]', '', 'g') !~ '^\d{6}');
COMMENT ON COLUMN saved_searches.query IS 'As typed, but a card number as it is printed; never a personnummer or a birth date.';

COMMIT;
