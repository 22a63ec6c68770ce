-- Effective dates and grace: an action on a card may be planned for a day to come, and a company may give itself time to think better of Terminera.
--
-- Time is no status, but what is planned becomes one: as soon as it is due it is written to the history, at its time, before the card is read or
-- anything else is done to it. Whoever comes first writes it (a request, the job, an action on the card), and it is written once. Until then a plan
-- can be withdrawn. Nobody but settle_card can give an event a time, and it knows no other than the time of a plan that is due.
--
-- Whoever works on a card's plans takes locks in one order: the person's, the card's plans, the next event, the card.
BEGIN;

ALTER TABLE card_actions ADD COLUMN plannable boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN card_actions.plannable IS 'May be taken from a day to come on.';
UPDATE card_actions SET plannable = true WHERE action IN ('block', 'unblock', 'terminate');

-- What was planned is done by the system, because whoever planned it may have left by then.
INSERT INTO card_permissions (action, role) SELECT a.action, 'system' FROM card_actions a WHERE a.plannable;

-- A card that is to be terminated is blocked for the same reason; nobody is offered to block one for it.
ALTER TABLE card_reasons ADD COLUMN offered boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN card_reasons.offered IS 'A page offers it. Others come along with another action: a block with the termination that it begins.';
INSERT INTO card_reasons (action, position, reason, offered) VALUES
    ('block', 6, 'damaged', false), ('block', 7, 'wrong_data', false), ('block', 8, 'mistake', false);

ALTER TABLE companies ADD COLUMN grace_hours smallint NOT NULL DEFAULT 0 CONSTRAINT companies_grace_hours_range CHECK (grace_hours BETWEEN 0 AND 72);
COMMENT ON COLUMN companies.grace_hours IS 'For how long a termination can be withdrawn; zero: it is final at once. Written by grace_changes alone.';

CREATE TABLE grace_changes (
    id          bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT grace_changes_pkey PRIMARY KEY,
    company_id  bigint      NOT NULL CONSTRAINT grace_changes_company REFERENCES companies,
    grace_hours smallint    NOT NULL,
    changed_by  bigint      NOT NULL CONSTRAINT grace_changes_changed_by REFERENCES persons,
    changed_at  timestamptz NOT NULL DEFAULT clock_now()
);
COMMENT ON TABLE grace_changes IS 'Who changed a company''s grace time for Terminera, and when. The last one holds.';
COMMENT ON COLUMN grace_changes.grace_hours IS 'As companies.grace_hours from then on.';
COMMENT ON COLUMN grace_changes.changed_by IS 'An administrator of the company.';
COMMENT ON COLUMN grace_changes.changed_at IS 'By the portal''s clock.';
CREATE INDEX grace_changes_by_company ON grace_changes (company_id, id);

CREATE FUNCTION grace_changes_apply() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NOT EXISTS (SELECT FROM memberships m
                   WHERE m.company_id = NEW.company_id AND m.person_id = NEW.changed_by AND m.role = 'administrator' AND m.ended_at IS NULL) THEN
        RAISE EXCEPTION 'the grace time is an administrator''s to change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grace_changes_by_administrator', TABLE = 'grace_changes', SCHEMA = 'public';
    END IF;
    UPDATE companies co SET grace_hours = NEW.grace_hours WHERE co.id = NEW.company_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER grace_changes_apply AFTER INSERT ON grace_changes FOR EACH ROW EXECUTE FUNCTION grace_changes_apply();
ALTER TABLE grace_changes ENABLE ALWAYS TRIGGER grace_changes_apply;

CREATE TABLE planned_actions (
    id           bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT planned_actions_pkey PRIMARY KEY,
    card_id      bigint      NOT NULL,
    company_id   bigint      NOT NULL,
    kind         text        NOT NULL,
    action       text        NOT NULL CONSTRAINT planned_actions_action REFERENCES card_actions,
    reason       text        NOT NULL,
    note         text        NOT NULL CONSTRAINT planned_actions_note_length CHECK (length(note) <= 500),
    due_at       timestamptz NOT NULL,
    grace        boolean     NOT NULL CONSTRAINT planned_actions_grace_to_terminate CHECK (action = 'terminate' OR NOT grace),
    blocked_seq  integer     CONSTRAINT planned_actions_blocked_by_grace CHECK (grace OR blocked_seq IS NULL),
    planned_by   bigint      NOT NULL CONSTRAINT planned_actions_planned_by REFERENCES persons,
    planned_at   timestamptz NOT NULL DEFAULT clock_now(),
    outcome      text        CONSTRAINT planned_actions_outcome_known CHECK (outcome IN ('done', 'withdrawn', 'refused', 'overtaken')),
    settled_at   timestamptz,
    seq          integer,
    refused_by   text,
    withdrawn_by bigint      CONSTRAINT planned_actions_withdrawn_by REFERENCES persons,
    CONSTRAINT planned_actions_card FOREIGN KEY (company_id, card_id, kind) REFERENCES cards (company_id, id, kind),
    CONSTRAINT planned_actions_reason FOREIGN KEY (action, reason) REFERENCES card_reasons (action, reason),
    CONSTRAINT planned_actions_other_needs_note CHECK (reason <> 'other' OR note ~ '\S'),
    CONSTRAINT planned_actions_ahead CHECK (due_at > planned_at),
    CONSTRAINT planned_actions_blocked_event FOREIGN KEY (card_id, blocked_seq) REFERENCES card_events (card_id, seq),
    CONSTRAINT planned_actions_event FOREIGN KEY (card_id, seq) REFERENCES card_events (card_id, seq) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT planned_actions_settled_whole CHECK (
        (outcome IS NULL) = (settled_at IS NULL) AND (outcome = 'done') IS TRUE = (seq IS NOT NULL)
        AND (outcome = 'refused') IS TRUE = (refused_by IS NOT NULL) AND (outcome = 'withdrawn') IS TRUE = (withdrawn_by IS NOT NULL))
);
COMMENT ON TABLE planned_actions IS 'What is to be done with cards at a time to come, and what became of it. Each is written once and ended once.';
COMMENT ON COLUMN planned_actions.due_at IS 'Midnight in Stockholm when the day begins from which on it is to hold; of a grace the end.';
COMMENT ON COLUMN planned_actions.grace IS 'A termination in its grace time: the card is stopped already.';
COMMENT ON COLUMN planned_actions.blocked_seq IS 'The event by which the grace stopped the card; null where it did not work anyway.';
COMMENT ON COLUMN planned_actions.planned_by IS 'The orderer who was responsible then.';
COMMENT ON COLUMN planned_actions.planned_at IS 'By the portal''s clock.';
COMMENT ON COLUMN planned_actions.note IS 'As of an event: the event that comes of it bears it.';
COMMENT ON COLUMN planned_actions.outcome IS
    'Null: it is still to come. overtaken: the card was ended, or already was what it was to become. refused: a rule was in the way when it was due.';
COMMENT ON COLUMN planned_actions.settled_at IS 'When the outcome was written, by the portal''s clock.';
COMMENT ON COLUMN planned_actions.seq IS 'done: the event that came of it.';
COMMENT ON COLUMN planned_actions.refused_by IS 'refused: the rule.';
COMMENT ON COLUMN planned_actions.withdrawn_by IS 'withdrawn: who took it back.';
CREATE UNIQUE INDEX planned_actions_one_pending ON planned_actions (card_id, action, grace) WHERE outcome IS NULL;
COMMENT ON INDEX planned_actions_one_pending IS 'A card has one plan for an action at a time, and one grace.';
CREATE INDEX planned_actions_due ON planned_actions (due_at, card_id) WHERE outcome IS NULL;
CREATE INDEX planned_actions_listed ON planned_actions (company_id, due_at, id) WHERE outcome IS NULL OR outcome = 'refused';
CREATE INDEX planned_actions_by_card ON planned_actions (card_id, id);

CREATE FUNCTION planned_actions_keep() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.outcome IS NULL AND NEW.outcome IS NOT NULL
       AND (NEW.id, NEW.card_id, NEW.company_id, NEW.kind, NEW.action, NEW.reason, NEW.note, NEW.due_at, NEW.grace, NEW.blocked_seq, NEW.planned_by, NEW.planned_at)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.card_id, OLD.company_id, OLD.kind, OLD.action, OLD.reason, OLD.note, OLD.due_at, OLD.grace, OLD.blocked_seq, OLD.planned_by, OLD.planned_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was planned stays written down'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'planned_actions_append_only', TABLE = 'planned_actions', SCHEMA = 'public';
END
$$;
COMMENT ON FUNCTION planned_actions_keep IS 'A plan is ended once and otherwise never changed.';
CREATE TRIGGER planned_actions_keep BEFORE UPDATE OR DELETE ON planned_actions FOR EACH ROW EXECUTE FUNCTION planned_actions_keep();
ALTER TABLE planned_actions ENABLE ALWAYS TRIGGER planned_actions_keep;

-- As before; and while a termination can still be withdrawn, that is the only way back for the card.
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

    IF p_action IN ('activate', 'unblock') OR p_action = 'terminate' AND p_role = 'orderer' THEN
        IF EXISTS (SELECT FROM planned_actions g WHERE g.card_id = c.id AND g.action = 'terminate' AND g.grace AND g.outcome IS NULL) THEN
            RETURN 'card_events_in_grace';
        END IF;
    END IF;
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

-- What is due comes first: an action waits for whoever settles the card's plans, and loses to them.
CREATE FUNCTION card_events_due() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    PERFORM FROM planned_actions p WHERE p.card_id = NEW.card_id AND p.outcome IS NULL ORDER BY p.id FOR UPDATE;
    IF FOUND AND EXISTS (SELECT FROM planned_actions p WHERE p.card_id = NEW.card_id AND p.outcome IS NULL AND p.due_at <= clock_now()) THEN
        RAISE EXCEPTION 'what was planned for the card is due, and comes first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_due_first', TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER card_events_1_due BEFORE INSERT ON card_events FOR EACH ROW
    WHEN (NEW.actor_role <> 'system' AND NEW.from_status IN ('produced', 'active', 'blocked')) EXECUTE FUNCTION card_events_due();

-- Where there is a grace time, nobody goes past it, unless the card is stolen.
CREATE FUNCTION card_events_grace() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    IF EXISTS (SELECT FROM companies co WHERE co.id = NEW.company_id AND co.grace_hours > 0) THEN
        RAISE EXCEPTION 'the company gives a termination time to be withdrawn'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_grace', TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER card_events_2_judge_grace AFTER INSERT ON card_events FOR EACH ROW
    WHEN (NEW.action = 'terminate' AND NEW.actor_role = 'orderer' AND NEW.reason <> 'stolen') EXECUTE FUNCTION card_events_grace();

-- With a card's end nothing is left to be done with it.
CREATE FUNCTION card_events_overtake() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    UPDATE planned_actions p SET outcome = 'overtaken', settled_at = clock_now() WHERE p.card_id = NEW.card_id AND p.outcome IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER card_events_5_overtake AFTER INSERT ON card_events FOR EACH ROW WHEN (NEW.to_status = 'terminated')
    EXECUTE FUNCTION card_events_overtake();
ALTER TABLE card_events ENABLE ALWAYS TRIGGER card_events_1_due, ENABLE ALWAYS TRIGGER card_events_2_judge_grace,
    ENABLE ALWAYS TRIGGER card_events_5_overtake;

CREATE FUNCTION settle_card(p_card bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c    cards;
    p    planned_actions;
    rule text;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card;
    PERFORM pg_advisory_xact_lock(hashtextextended('activate', c.person_id));
    PERFORM FROM planned_actions x WHERE x.card_id = p_card AND x.outcome IS NULL ORDER BY x.id FOR UPDATE;
    LOOP
        SELECT x.* INTO p FROM planned_actions x
        WHERE x.card_id = p_card AND x.outcome IS NULL AND x.due_at <= clock_now() ORDER BY x.due_at, x.id LIMIT 1;
        EXIT WHEN NOT FOUND;
        SELECT x.* INTO c FROM cards x WHERE x.id = p_card FOR NO KEY UPDATE;
        IF EXISTS (SELECT FROM card_transitions t WHERE t.kind = c.kind AND t.action = p.action AND t.to_status = c.status) THEN
            UPDATE planned_actions x SET outcome = 'overtaken', settled_at = clock_now() WHERE x.id = p.id;
            CONTINUE;
        END IF;
        BEGIN
            UPDATE planned_actions x SET outcome = 'done', settled_at = clock_now(), seq = c.version + 1 WHERE x.id = p.id;
            INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_role, reason, note, occurred_at)
            SELECT c.id, c.version + 1, c.company_id, c.kind, p.action, c.status, coalesce(t.to_status, c.status), 'system', p.reason, p.note,
                   greatest(p.due_at, (SELECT e.occurred_at FROM card_events e WHERE e.card_id = c.id AND e.seq = c.version))
            FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = p.action AND t.from_status = c.status;
        EXCEPTION WHEN integrity_constraint_violation THEN
            GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
            UPDATE planned_actions x SET outcome = 'refused', settled_at = clock_now(), refused_by = rule WHERE x.id = p.id;
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION settle_card IS
    'Does what was planned for a card and is due, in the order in which it became due: writes each as an event of the system at its time, judged by the '
    'rules as any other, or writes down why not. What is not due it leaves alone, whoever calls it.';

CREATE FUNCTION planned_status(c cards, p_at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS
$$
DECLARE
    p record;
BEGIN
    FOR p IN SELECT x.action FROM planned_actions x WHERE x.card_id = c.id AND x.outcome IS NULL AND x.due_at <= p_at ORDER BY x.due_at, x.id LOOP
        c.status := coalesce(
            (SELECT t.to_status FROM card_transitions t WHERE t.kind = c.kind AND t.action = p.action AND t.from_status = c.status), c.status);
    END LOOP;
    RETURN c.status;
END
$$;
COMMENT ON FUNCTION planned_status IS 'What a card will be at a time, when all that is planned until then is done.';

CREATE FUNCTION plan_refusal(c cards, p_action text, p_actor bigint, p_due_at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS
$$
DECLARE
    day date := (p_due_at AT TIME ZONE 'Europe/Stockholm')::date;
BEGIN
    IF NOT EXISTS (SELECT FROM card_actions a WHERE a.action = p_action AND a.plannable) THEN
        RETURN 'planned_actions_plannable';
    END IF;
    IF day > today() + interval '1 year' THEN
        RETURN 'planned_actions_within_a_year';
    END IF;
    IF p_action = 'unblock' AND c.valid_to < day THEN
        RETURN 'card_events_not_expired';
    END IF;
    c.status := planned_status(c, p_due_at);
    RETURN card_refusal(c, p_action, p_actor, 'orderer');
END
$$;
COMMENT ON FUNCTION plan_refusal IS
    'Why this orderer cannot plan this for this card: by the rules for the action itself, asked of the card as it will be when it is due, as far as '
    'that is known. Null when nothing is in the way; when it is due the rules are asked again.';

CREATE FUNCTION plan_action(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_action text, p_reason text, p_note text, p_from date)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c       cards;
    due     timestamptz := p_from::timestamp AT TIME ZONE 'Europe/Stockholm';
    hours   smallint;
    rule    text;
    blocked integer;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.company_id = p_company;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('activate', c.person_id));
    PERFORM FROM planned_actions p WHERE p.card_id = c.id AND p.outcome IS NULL ORDER BY p.id FOR UPDATE;
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card FOR NO KEY UPDATE;
    IF p_from IS NULL THEN
        SELECT co.grace_hours INTO hours FROM companies co WHERE co.id = c.company_id;
        -- A termination that is planned for earlier is not put off.
        due := least(clock_now() + hours * interval '1 hour',
                     (SELECT p.due_at FROM planned_actions p WHERE p.card_id = c.id AND p.action = p_action AND NOT p.grace AND p.outcome IS NULL));
    END IF;
    rule := CASE
        WHEN EXISTS (SELECT FROM planned_actions p WHERE p.card_id = c.id AND p.outcome IS NULL AND p.due_at <= clock_now()) THEN 'card_events_due_first'
        WHEN c.version <> p_version THEN 'planned_actions_version'
        WHEN p_from IS NULL AND (hours = 0 OR p_action <> 'terminate' OR p_reason = 'stolen') THEN 'planned_actions_without_grace'
        WHEN p_from IS NULL THEN card_refusal(c, p_action, p_actor, 'orderer')
        ELSE plan_refusal(c, p_action, p_actor, due)
    END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'planned_actions', SCHEMA = 'public';
    END IF;
    IF p_from IS NULL THEN
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason, note)
        SELECT c.id, c.version + 1, c.company_id, c.kind, t.action, t.from_status, t.to_status, p_actor, 'orderer', p_reason, p_note
        FROM card_transitions t WHERE t.kind = c.kind AND t.action = 'block' AND t.from_status = c.status
        RETURNING seq INTO blocked;
    END IF;
    INSERT INTO planned_actions (card_id, company_id, kind, action, reason, note, due_at, grace, blocked_seq, planned_by)
    VALUES (c.id, c.company_id, c.kind, p_action, p_reason, p_note, due, p_from IS NULL, blocked, p_actor);
    RETURN coalesce(blocked, c.version);
END
$$;
COMMENT ON FUNCTION plan_action IS
    'Plans an action of an orderer on the version of a card that was seen, from a day on; without a day a termination that can be withdrawn within the '
    'company''s grace time, which stops the card at once. Returns the card''s version; null when the company has no such card.';

CREATE FUNCTION withdraw_plan(p_plan bigint, p_card bigint, p_company bigint, p_actor bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c    cards;
    p    planned_actions;
    rule text;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.company_id = p_company;
    PERFORM pg_advisory_xact_lock(hashtextextended('activate', c.person_id));
    PERFORM FROM planned_actions x WHERE x.card_id = c.id AND x.outcome IS NULL ORDER BY x.id FOR UPDATE;
    SELECT x.* INTO p FROM planned_actions x WHERE x.id = p_plan AND x.card_id = c.id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card FOR NO KEY UPDATE;
    rule := coalesce(
        card_guard(c, 'withdraw', p_actor, 'orderer'),
        CASE WHEN p.outcome IS NOT NULL THEN 'planned_actions_settled_once'
             WHEN EXISTS (SELECT FROM planned_actions x WHERE x.card_id = c.id AND x.outcome IS NULL AND x.due_at <= clock_now()) THEN 'card_events_due_first'
        END);
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'planned_actions', SCHEMA = 'public';
    END IF;
    UPDATE planned_actions x SET outcome = 'withdrawn', settled_at = clock_now(), withdrawn_by = p_actor WHERE x.id = p.id;
    IF p.blocked_seq IS NULL THEN
        RETURN true;
    END IF;
    -- What was to block the card meanwhile found it blocked.
    IF EXISTS (SELECT FROM planned_actions x WHERE x.card_id = c.id AND x.action = 'block' AND x.outcome = 'overtaken' AND x.due_at > p.planned_at) THEN
        RETURN false;
    END IF;
    BEGIN
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
        SELECT c.id, c.version + 1, c.company_id, c.kind, 'unblock', c.status, coalesce(t.to_status, c.status), p_actor, 'orderer'
        FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = 'unblock' AND t.from_status = c.status;
        RETURN true;
    EXCEPTION WHEN integrity_constraint_violation THEN
        RETURN false;
    END;
END
$$;
COMMENT ON FUNCTION withdraw_plan IS
    'The orderer who is responsible for a card takes back what is planned for it; the card that a grace stopped works again. False: it stays blocked, '
    'because a rule is in the way of unblocking it, or because it was to be blocked by now. Null: the company''s card has no such plan.';

REVOKE EXECUTE ON FUNCTION grace_changes_apply, planned_actions_keep, card_events_due, card_events_grace, card_events_overtake, settle_card, planned_status,
    plan_refusal, plan_action, withdraw_plan FROM PUBLIC;
GRANT SELECT ON planned_actions, grace_changes TO kortportal_app;
GRANT INSERT (company_id, grace_hours, changed_by) ON grace_changes TO kortportal_app;
GRANT EXECUTE ON FUNCTION settle_card, planned_status, plan_action, withdraw_plan TO kortportal_app;

COMMIT;
