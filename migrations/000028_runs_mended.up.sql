-- What was wrong with plans and runs over many cards.
--
-- A plan to withdraw that did not say what was planned began a run that never ended. A plan that gives each card back to whomever it came from did
-- not ask whether all of them still order cards. A card that stayed blocked though its termination was withdrawn stood on the receipt as the others,
-- and that those cost again was not said. And a plan promised what its run could not do: what was planned already, for a later day; what the fee
-- saves after the card has expired; another way for a card that will have ended by then; a grace time that was changed before the run.
BEGIN;

ALTER TABLE run_cards ADD COLUMN stays_blocked boolean NOT NULL DEFAULT false
    CONSTRAINT run_cards_stays_blocked CHECK (NOT stays_blocked OR result = 'done' AND planned_id IS NOT NULL);
COMMENT ON COLUMN run_cards.stays_blocked IS 'withdraw: the termination was taken back, but the card that its grace stopped stays blocked all the same.';
GRANT INSERT (stays_blocked) ON run_cards TO kortportal_app;

CREATE OR REPLACE FUNCTION make_plan(
    p_company bigint, p_person bigint, p_roles text[], p_action text, p_reason text, p_note text, p_starts_on date, p_undoes bigint, p_after bigint,
    p_cards bigint[], p_versions integer[], p_successors bigint[], p_planned bigint[], p_refused text[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    plan  bigint;
    event text;
    role  text;
    most  integer;
    n     integer;
    grace smallint;
    rule  text;
    day   date := today();
    fees  text[] := ARRAY(SELECT f.status FROM billed_statuses f);
BEGIN
    SELECT a.event, a.most INTO event, most FROM plan_actions a WHERE a.action = p_action;
    role := coalesce((SELECT m.role FROM card_permissions m WHERE m.action = event AND m.role = ANY (p_roles) LIMIT 1), p_roles[1]);
    rule := CASE
        -- To withdraw is no choice: it undoes a run, or tries that once more, and says what of each card.
        WHEN p_action = 'withdraw' AND (p_undoes IS NULL AND p_after IS NULL OR p_planned IS NULL OR array_position(p_planned, NULL) IS NOT NULL)
            THEN 'plans_action'
        WHEN cardinality(p_cards) > most THEN 'plan_cards_most'
        WHEN p_starts_on <= day THEN 'plans_starts_on_ahead'
        WHEN p_starts_on > day + interval '1 year' THEN 'plans_starts_on_within_a_year'
        WHEN NOT EXISTS (SELECT FROM memberships m WHERE m.company_id = p_company AND m.person_id = p_person AND m.role = ANY (p_roles)
                         AND m.role IN ('orderer', 'administrator') AND m.ended_at IS NULL) THEN 'card_events_member'
    END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'plans', SCHEMA = 'public';
    END IF;
    SELECT co.grace_hours INTO grace FROM companies co
    WHERE co.id = p_company AND p_action = 'terminate' AND p_reason <> 'stolen' AND p_starts_on IS NULL;
    INSERT INTO plans (company_id, made_by, made_as, action, reason, note, starts_on, grace_hours, price, undoes_id, after_id)
    VALUES (p_company, p_person, role, p_action, p_reason, p_note, p_starts_on, coalesce(grace, 0), (SELECT f.price FROM current_fee f), p_undoes, p_after)
    RETURNING id INTO plan;
    INSERT INTO plan_cards (plan_id, card_id, version, effective, planned_id, orderer_id, successor_id, verdict, rule, instead, saves)
    SELECT plan, c.id, coalesce(x.version, c.version),
           effective_status(c.status, c.valid_to, EXISTS (SELECT FROM suspended_companies u WHERE u.company_id = c.company_id), day),
           x.planned_id, c.orderer_id, x.successor_id, v.verdict,
           CASE WHEN v.verdict IN ('instead', 'refused') THEN j.rule ELSE '' END,
           CASE WHEN v.verdict = 'instead' THEN i.instead ELSE '' END,
           CASE WHEN v.verdict = 'change' AND p_action <> 'replace' AND (c.valid_to IS NULL OR c.valid_to >= coalesce(p_starts_on, day))
                     AND (p_action <> 'withdraw' OR EXISTS (SELECT FROM planned_actions a WHERE a.id = x.planned_id AND a.blocked_seq IS NOT NULL))
                THEN (s.status = ANY (fees))::integer - (coalesce(t.to_status, s.status) = ANY (fees))::integer ELSE 0 END
    FROM ROWS FROM (unnest(p_cards), unnest(p_versions), unnest(p_successors), unnest(p_planned), unnest(p_refused)) x (card_id, version, successor_id, planned_id, refused)
    JOIN cards c ON c.id = x.card_id AND c.company_id = p_company
    CROSS JOIN LATERAL (
        SELECT CASE WHEN p_starts_on IS NULL THEN c.status ELSE planned_status(c, p_starts_on::timestamp AT TIME ZONE 'Europe/Stockholm') END AS status OFFSET 0) s
    LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = event AND t.from_status = s.status
    CROSS JOIN LATERAL (
        SELECT coalesce(CASE WHEN p_action = 'replace' THEN x.refused
                             WHEN p_action = 'withdraw' THEN card_guard(c, p_action, p_person, role)
                             WHEN p_starts_on IS NOT NULL THEN plan_refusal(c, p_action, p_person, p_starts_on::timestamp AT TIME ZONE 'Europe/Stockholm')
                             ELSE card_refusal(c, event, p_person, role) END,
                        CASE WHEN p_action = 'hand_over' AND NOT EXISTS (
                            SELECT FROM memberships m
                            WHERE m.company_id = p_company AND m.person_id = x.successor_id AND m.role = 'orderer' AND m.ended_at IS NULL)
                             THEN 'card_events_successor_is_orderer' END, '') AS rule OFFSET 0) j
    LEFT JOIN LATERAL (
        SELECT n.instead FROM plan_instead n JOIN plan_actions a ON a.action = n.instead
        WHERE j.rule = 'card_events_transition' AND n.action = p_action AND s.status = c.status AND card_refusal(c, a.event, p_person, role) IS NULL
        ORDER BY n.position LIMIT 1) i ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN x.version <> c.version THEN 'changed'
                    WHEN x.planned_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM planned_actions a WHERE a.id = x.planned_id AND a.card_id = c.id AND a.outcome IS NULL) THEN 'changed'
                    WHEN x.successor_id = c.orderer_id THEN 'already'
                    WHEN j.rule = '' THEN 'change'
                    WHEN j.rule = 'card_events_transition' AND p_action NOT IN ('replace', 'hand_over', 'withdraw')
                         AND EXISTS (SELECT FROM card_transitions r WHERE r.kind = c.kind AND r.action = event AND r.to_status = s.status) THEN 'already'
                    WHEN i.instead IS NOT NULL THEN 'instead'
                    ELSE 'refused' END AS verdict) v;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n = 0 OR n <> cardinality(p_cards) THEN
        RAISE EXCEPTION 'a plan is about cards of its company, each once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_cards_of_company', TABLE = 'plan_cards', SCHEMA = 'public';
    END IF;
    RETURN plan;
END
$$;

CREATE OR REPLACE FUNCTION plan_refusal(c cards, p_action text, p_actor bigint, p_due_at timestamptz) RETURNS text
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
    RETURN coalesce(
        card_refusal(c, p_action, p_actor, 'orderer'),
        CASE WHEN EXISTS (SELECT FROM planned_actions p WHERE p.card_id = c.id AND p.action = p_action AND NOT p.grace AND p.outcome IS NULL)
             THEN 'planned_actions_one_pending' END);
END
$$;

-- An earlier program calls it without the hours.
DROP FUNCTION plan_action(bigint, integer, bigint, bigint, text, text, text, date);
CREATE FUNCTION plan_action(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_action text, p_reason text, p_note text, p_from date,
                            p_hours smallint DEFAULT NULL)
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
        WHEN p_from IS NULL AND hours <> p_hours THEN 'planned_actions_other_grace'
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
    'company''s grace time, which stops the card at once: p_hours is the one that the orderer was told, or null. Returns the card''s version; null when '
    'the company has no such card.';
REVOKE EXECUTE ON FUNCTION plan_action FROM PUBLIC;
GRANT EXECUTE ON FUNCTION plan_action TO kortportal_app;

COMMIT;
