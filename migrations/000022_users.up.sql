-- Who works for a company, who changed that, and what becomes of the cards of an orderer who leaves or is away.
--
-- A role begins and ends by an event that says who did it; the application writes events and no memberships. A company keeps an administrator
-- who can log in, and an orderer stays while cards depend on him or her: a hand-over moves them to a successor, many at a time, and ends the
-- role with the last of them. A deputy acts in an orderer's place from one day to another.
BEGIN;

CREATE TABLE membership_events (
    id          bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT membership_events_pkey PRIMARY KEY,
    company_id  bigint      NOT NULL CONSTRAINT membership_events_company REFERENCES companies,
    person_id   bigint      NOT NULL CONSTRAINT membership_events_person REFERENCES persons,
    role        text        NOT NULL CONSTRAINT membership_events_role_of_company CHECK (role IN ('administrator', 'orderer')),
    action      text        NOT NULL CONSTRAINT membership_events_action_known CHECK (action IN ('begin', 'end')),
    actor_id    bigint      CONSTRAINT membership_events_actor REFERENCES persons,
    occurred_at timestamptz NOT NULL DEFAULT clock_now()
);
COMMENT ON TABLE membership_events IS 'Each time somebody got or lost a role in a company. Memberships follow; nothing else changes them.';
COMMENT ON COLUMN membership_events.action IS 'begin or end.';
COMMENT ON COLUMN membership_events.actor_id IS 'The administrator who did it; null for the operator, and for what was before this table.';
COMMENT ON COLUMN membership_events.occurred_at IS 'By the portal''s clock.';
INSERT INTO membership_events (company_id, person_id, role, action, occurred_at)
SELECT m.company_id, m.person_id, m.role, e.action, e.at
FROM memberships m CROSS JOIN LATERAL (VALUES ('begin', m.since), ('end', m.ended_at)) e (action, at)
WHERE e.at IS NOT NULL
ORDER BY e.at, m.company_id, m.person_id, m.role;
CREATE INDEX membership_events_by_person ON membership_events (company_id, person_id, id);
REVOKE INSERT (company_id, person_id, role), UPDATE (ended_at) ON memberships FROM kortportal_app;
GRANT SELECT, INSERT (company_id, person_id, role, action, actor_id) ON membership_events TO kortportal_app;

CREATE FUNCTION works_as(p_company bigint, p_person bigint, p_role text) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$
BEGIN
    RETURN EXISTS (SELECT FROM memberships m
                   WHERE m.company_id = p_company AND m.person_id = p_person AND m.role = p_role AND m.ended_at IS NULL);
END
$$;
COMMENT ON FUNCTION works_as IS 'Whether a person has a role in a company now.';

-- First the company's row: whoever changes something at the same time waits here, and then sees what the other has done.
CREATE FUNCTION membership_events_before_insert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
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

CREATE TABLE deputies (
    id           bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT deputies_pkey PRIMARY KEY,
    company_id   bigint      NOT NULL CONSTRAINT deputies_company REFERENCES companies,
    orderer_id   bigint      NOT NULL CONSTRAINT deputies_orderer REFERENCES persons,
    deputy_id    bigint      NOT NULL CONSTRAINT deputies_deputy REFERENCES persons CONSTRAINT deputies_another CHECK (deputy_id <> orderer_id),
    first_day    date        NOT NULL,
    last_day     date        NOT NULL CONSTRAINT deputies_days_in_order CHECK (last_day >= first_day),
    named_by     bigint      NOT NULL CONSTRAINT deputies_named_by REFERENCES persons,
    created_at   timestamptz NOT NULL DEFAULT clock_now(),
    cancelled_at timestamptz,
    cancelled_by bigint      CONSTRAINT deputies_cancelled_by REFERENCES persons,
    CONSTRAINT deputies_a_year_at_most CHECK (last_day < first_day + interval '1 year')
);
COMMENT ON TABLE deputies IS 'Who does for a time with an orderer''s cards what the orderer may. The orderer stays responsible.';
COMMENT ON COLUMN deputies.orderer_id IS 'Whose cards they are.';
COMMENT ON COLUMN deputies.deputy_id IS 'Who acts.';
COMMENT ON COLUMN deputies.first_day IS 'In Sweden, from midnight on. Never before the day on which the deputy is named.';
COMMENT ON COLUMN deputies.last_day IS 'In Sweden, to its end.';
COMMENT ON COLUMN deputies.named_by IS 'The orderer, or an administrator of the company.';
COMMENT ON COLUMN deputies.cancelled_at IS 'Ended before its last day was over; null otherwise.';
COMMENT ON COLUMN deputies.cancelled_by IS 'Who did that; null also when the operator ended the role of one of the two.';
CREATE INDEX deputies_by_orderer ON deputies (company_id, orderer_id, deputy_id) WHERE cancelled_at IS NULL;
CREATE INDEX deputies_by_deputy ON deputies (company_id, deputy_id) WHERE cancelled_at IS NULL;
GRANT SELECT, INSERT (company_id, orderer_id, deputy_id, first_day, last_day, named_by) ON deputies TO kortportal_app;

CREATE VIEW current_deputies AS
SELECT d.id, d.company_id, d.orderer_id, d.deputy_id, d.first_day, d.last_day
FROM deputies d
WHERE d.cancelled_at IS NULL AND today() BETWEEN d.first_day AND d.last_day;
COMMENT ON VIEW current_deputies IS 'The deputies of today.';
GRANT SELECT ON current_deputies TO kortportal_app;

CREATE FUNCTION acts_for(p_company bigint, p_orderer bigint, p_person bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$
BEGIN
    RETURN EXISTS (SELECT FROM current_deputies d WHERE d.company_id = p_company AND d.orderer_id = p_orderer AND d.deputy_id = p_person);
END
$$;
COMMENT ON FUNCTION acts_for IS 'Whether a person is the deputy of an orderer today.';

CREATE FUNCTION deputies_before_insert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
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
CREATE TRIGGER deputies_before_insert BEFORE INSERT ON deputies FOR EACH ROW EXECUTE FUNCTION deputies_before_insert();
ALTER TABLE deputies ENABLE ALWAYS TRIGGER deputies_before_insert;

CREATE FUNCTION cancel_deputy(p_deputy bigint, p_company bigint, p_actor bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    whose bigint;
BEGIN
    UPDATE deputies d SET cancelled_at = clock_now(), cancelled_by = p_actor
    WHERE d.id = p_deputy AND d.company_id = p_company AND d.cancelled_at IS NULL AND d.last_day >= today()
      AND (works_as(p_company, p_actor, 'administrator') OR d.orderer_id = p_actor AND works_as(p_company, p_actor, 'orderer'))
    RETURNING d.orderer_id INTO whose;
    RETURN whose;
END
$$;
COMMENT ON FUNCTION cancel_deputy IS
    'Ends the time of a deputy at once, for the orderer or an administrator. Returns the orderer; null when there is no such deputy, no more, or '
    'not for the actor.';

CREATE FUNCTION membership_events_apply() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NEW.action = 'begin' THEN
        INSERT INTO memberships (company_id, person_id, role) VALUES (NEW.company_id, NEW.person_id, NEW.role)
        ON CONFLICT ON CONSTRAINT memberships_pkey DO UPDATE SET since = excluded.since, ended_at = NULL;
        RETURN NULL;
    END IF;
    UPDATE memberships m SET ended_at = NEW.occurred_at
    WHERE m.company_id = NEW.company_id AND m.person_id = NEW.person_id AND m.role = NEW.role;
    IF NEW.role = 'orderer' THEN -- so that nobody is a deputy again who comes back
        UPDATE deputies d SET cancelled_at = NEW.occurred_at, cancelled_by = NEW.actor_id
        WHERE d.company_id = NEW.company_id AND NEW.person_id IN (d.orderer_id, d.deputy_id) AND d.cancelled_at IS NULL AND d.last_day >= today();
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER membership_events_1_before BEFORE INSERT ON membership_events FOR EACH ROW EXECUTE FUNCTION membership_events_before_insert();
CREATE TRIGGER membership_events_2_apply AFTER INSERT ON membership_events FOR EACH ROW EXECUTE FUNCTION membership_events_apply();

CREATE FUNCTION membership_events_keep() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    RAISE EXCEPTION 'who had which role is only appended to'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_events_append_only', TABLE = 'membership_events', SCHEMA = 'public';
END
$$;
CREATE TRIGGER membership_events_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON membership_events
    FOR EACH STATEMENT EXECUTE FUNCTION membership_events_keep();
ALTER TABLE membership_events ENABLE ALWAYS TRIGGER membership_events_1_before, ENABLE ALWAYS TRIGGER membership_events_2_apply,
    ENABLE ALWAYS TRIGGER membership_events_keep;

CREATE VIEW ordererless_cards AS
SELECT c.id, c.company_id, c.orderer_id
FROM cards c
JOIN card_statuses s ON s.status = c.status
WHERE NOT s.final
  AND NOT EXISTS (SELECT FROM memberships m
                  WHERE m.company_id = c.company_id AND m.person_id = c.orderer_id AND m.role = 'orderer' AND m.ended_at IS NULL);
COMMENT ON VIEW ordererless_cards IS
    'Cards that are not at an end and whose responsible person is no orderer of the company any more: nobody acts on them until they are handed over.';
GRANT SELECT ON ordererless_cards TO kortportal_app;

-- What must stay, by whatever way the row is written. Of two that leave at once the second looks after the first.
CREATE FUNCTION memberships_end() RETURNS trigger LANGUAGE plpgsql AS
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
CREATE TRIGGER memberships_end BEFORE UPDATE ON memberships FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND (NEW.ended_at IS NOT NULL OR (OLD.company_id, OLD.person_id, OLD.role) <> (NEW.company_id, NEW.person_id, NEW.role)))
    EXECUTE FUNCTION memberships_end();
CREATE TRIGGER memberships_delete BEFORE DELETE ON memberships FOR EACH ROW WHEN (OLD.ended_at IS NULL) EXECUTE FUNCTION memberships_end();
ALTER TABLE memberships ENABLE ALWAYS TRIGGER memberships_end, ENABLE ALWAYS TRIGGER memberships_delete;

-- Who becomes responsible for a card stays an orderer until that is done: this lock and the one on a role that ends exclude each other, so
-- that whichever comes second sees the other. A deputy orders in his or her own name.
CREATE FUNCTION card_events_orderer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    rule text;
BEGIN
    PERFORM FROM memberships m
    WHERE m.company_id = NEW.company_id AND m.person_id = coalesce(NEW.successor_id, NEW.actor_id) AND m.role = 'orderer' AND m.ended_at IS NULL
    FOR SHARE;
    rule := CASE
        WHEN NOT FOUND AND NEW.action = 'hand_over' THEN 'card_events_successor_is_orderer'
        WHEN NOT FOUND THEN 'card_events_member'
        WHEN NEW.action = 'order' AND NOT EXISTS (SELECT FROM cards c WHERE c.id = NEW.card_id AND c.ordered_by = NEW.actor_id)
            THEN 'card_events_responsible_orderer'
    END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER card_events_5_orderer AFTER INSERT ON card_events FOR EACH ROW
    WHEN (NEW.action IN ('order', 'hand_over')) EXECUTE FUNCTION card_events_orderer();
ALTER TABLE card_events ENABLE ALWAYS TRIGGER card_events_5_orderer;

-- As before, but that a deputy counts as the orderer.
CREATE OR REPLACE FUNCTION card_guard(c cards, p_action text, p_actor bigint, p_role text) RETURNS text
LANGUAGE plpgsql STABLE AS
$$
BEGIN
    CASE p_role
    WHEN 'orderer', 'administrator' THEN
        IF NOT EXISTS (SELECT FROM memberships m
                       WHERE m.company_id = c.company_id AND m.person_id = p_actor AND m.role = p_role AND m.ended_at IS NULL) THEN
            RETURN 'card_events_member';
        END IF;
        IF p_role = 'orderer' AND c.orderer_id IS DISTINCT FROM p_actor AND NOT acts_for(c.company_id, c.orderer_id, p_actor) THEN
            RETURN 'card_events_responsible_orderer';
        END IF;
    WHEN 'holder' THEN
        IF c.person_id IS DISTINCT FROM p_actor THEN
            RETURN 'card_events_own_card';
        END IF;
    WHEN 'issuer' THEN
        IF NOT EXISTS (SELECT FROM issuer_staff i WHERE i.person_id = p_actor AND i.ended_at IS NULL) THEN
            RETURN 'card_events_member';
        END IF;
    ELSE
        NULL;
    END CASE;

    IF p_action IN ('activate', 'unblock') THEN
        IF c.valid_to < today() THEN
            RETURN 'card_events_not_expired';
        END IF;
        IF EXISTS (SELECT FROM cards n
                   WHERE n.company_id = c.company_id AND n.person_id = c.person_id AND n.status = 'active' AND n.id > c.id) THEN
            RETURN 'card_events_no_newer_active';
        END IF;
    END IF;
    IF p_action = 'review' AND c.kind = 'standard' AND NOT EXISTS (
        SELECT FROM current_orders o JOIN pictures p ON p.id = o.photo_id WHERE o.card_id = c.id AND p.there) THEN
        RETURN 'card_events_photo_to_review';
    END IF;
    RETURN NULL;
END
$$;

CREATE TABLE hand_overs (
    id          bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT hand_overs_pkey PRIMARY KEY,
    company_id  bigint      NOT NULL CONSTRAINT hand_overs_company REFERENCES companies,
    from_id     bigint      NOT NULL CONSTRAINT hand_overs_from REFERENCES persons,
    to_id       bigint      NOT NULL CONSTRAINT hand_overs_to REFERENCES persons CONSTRAINT hand_overs_to_another CHECK (to_id <> from_id),
    action      text        NOT NULL DEFAULT 'hand_over' CONSTRAINT hand_overs_action CHECK (action = 'hand_over'),
    reason      text        NOT NULL DEFAULT 'none',
    note        text        NOT NULL DEFAULT '' CONSTRAINT hand_overs_note_length CHECK (length(note) <= 500),
    then_ends   text        NOT NULL DEFAULT 'nothing' CONSTRAINT hand_overs_then_ends_known CHECK (then_ends IN ('nothing', 'orderer', 'membership')),
    asked_by    bigint      NOT NULL CONSTRAINT hand_overs_asked_by REFERENCES persons,
    asked_at    timestamptz NOT NULL DEFAULT clock_now(),
    cards       integer     NOT NULL,
    done        integer     NOT NULL DEFAULT 0,
    finished_at timestamptz,
    refused_by  text,
    CONSTRAINT hand_overs_reason FOREIGN KEY (action, reason) REFERENCES card_reasons (action, reason),
    CONSTRAINT hand_overs_other_needs_note CHECK (reason <> 'other' OR note ~ '\S'),
    CONSTRAINT hand_overs_refused_at_the_end CHECK (refused_by IS NULL OR finished_at IS NOT NULL)
);
COMMENT ON TABLE hand_overs IS 'All cards of one orderer become another''s. Carried out by hand_over_some, some cards at a time.';
COMMENT ON COLUMN hand_overs.from_id IS 'Whose cards they were; no orderer any more, perhaps.';
COMMENT ON COLUMN hand_overs.to_id IS 'The orderer who becomes responsible.';
COMMENT ON COLUMN hand_overs.note IS 'As of a card''s event.';
COMMENT ON COLUMN hand_overs.then_ends IS 'What ends with the last card: nothing, the role orderer, or the whole membership.';
COMMENT ON COLUMN hand_overs.asked_by IS 'The administrator, in whose name each card is handed over.';
COMMENT ON COLUMN hand_overs.asked_at IS 'By the portal''s clock.';
COMMENT ON COLUMN hand_overs.cards IS 'How many there were then.';
COMMENT ON COLUMN hand_overs.done IS 'How many have been handed over: those ordered meanwhile are among them, those that ended meanwhile are not.';
COMMENT ON COLUMN hand_overs.finished_at IS 'Null while it goes on.';
COMMENT ON COLUMN hand_overs.refused_by IS 'The rule that stopped it, or that kept the role from ending; null when all went well.';
CREATE UNIQUE INDEX hand_overs_one_at_a_time ON hand_overs (company_id, from_id) WHERE finished_at IS NULL;
COMMENT ON INDEX hand_overs_one_at_a_time IS 'A person''s cards go one way at a time.';
CREATE INDEX hand_overs_by_person ON hand_overs (company_id, from_id, id);
GRANT SELECT, INSERT (company_id, from_id, to_id, reason, note, then_ends, asked_by) ON hand_overs TO kortportal_app;

CREATE FUNCTION hand_overs_before_insert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
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
CREATE TRIGGER hand_overs_before_insert BEFORE INSERT ON hand_overs FOR EACH ROW EXECUTE FUNCTION hand_overs_before_insert();
ALTER TABLE hand_overs ENABLE ALWAYS TRIGGER hand_overs_before_insert;

CREATE FUNCTION hand_over_some(p_hand_over bigint, p_limit integer) RETURNS text
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
COMMENT ON FUNCTION hand_over_some IS
    'Hands over the next of the cards, at most so many, and with the last of them ends what is to end. Answers more, finished (once: also when a rule '
    'stopped it), was_finished or not_found.';

INSERT INTO message_templates (template) VALUES ('joined_company'), ('cards_handed_over'), ('cards_taken_over');

REVOKE EXECUTE ON FUNCTION works_as, membership_events_before_insert, membership_events_apply, membership_events_keep, acts_for, deputies_before_insert,
    cancel_deputy, memberships_end, card_events_orderer, hand_overs_before_insert, hand_over_some FROM PUBLIC;
GRANT EXECUTE ON FUNCTION acts_for, cancel_deputy, hand_over_some TO kortportal_app;

COMMIT;
