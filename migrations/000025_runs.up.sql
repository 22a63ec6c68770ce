-- Many cards at once: a selection of cards, a plan of what would become of each, and the run that does exactly the plan.
--
-- A plan is made whole by make_plan and never changes: who, which cards at which version, what, why, and for each card what the rules say
-- now. A run takes the cards that the plan says will change, each by an event as any other that the rules judge anew. What became of a card is a row
-- whose key makes it happen once, in the transaction of the event, and a run ends only when every card is accounted for.
BEGIN;

CREATE TABLE selections (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT selections_pkey PRIMARY KEY,
    company_id bigint      NOT NULL CONSTRAINT selections_company REFERENCES companies,
    made_by    bigint      NOT NULL CONSTRAINT selections_made_by REFERENCES persons,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT selections_company_id_unique UNIQUE (company_id, id)
);
COMMENT ON TABLE selections IS 'Cards that somebody chose, to do something with all of them.';
COMMENT ON COLUMN selections.made_by IS 'Who alone sees it.';

CREATE TABLE selection_cards (
    selection_id bigint NOT NULL,
    company_id   bigint NOT NULL,
    card_id      bigint NOT NULL,
    kind         text   NOT NULL,
    CONSTRAINT selection_cards_pkey PRIMARY KEY (selection_id, card_id),
    CONSTRAINT selection_cards_selection FOREIGN KEY (company_id, selection_id) REFERENCES selections (company_id, id) ON DELETE CASCADE,
    CONSTRAINT selection_cards_card FOREIGN KEY (company_id, card_id, kind) REFERENCES cards (company_id, id, kind)
);
COMMENT ON TABLE selection_cards IS 'The cards of a selection.';
COMMENT ON COLUMN selection_cards.selection_id IS 'The selection.';
COMMENT ON COLUMN selection_cards.kind IS 'Of the card.';

CREATE TABLE plan_actions (
    action      text     CONSTRAINT plan_actions_pkey PRIMARY KEY,
    position    smallint NOT NULL CONSTRAINT plan_actions_position_unique UNIQUE,
    event       text     NOT NULL CONSTRAINT plan_actions_event REFERENCES card_actions,
    undo        text     CONSTRAINT plan_actions_undo REFERENCES plan_actions,
    undo_reason text     NOT NULL DEFAULT 'none',
    most        integer  NOT NULL CONSTRAINT plan_actions_most_some CHECK (most > 0),
    offered     boolean  NOT NULL
);
COMMENT ON TABLE plan_actions IS 'What can be done with many cards at once.';
COMMENT ON COLUMN plan_actions.position IS 'The order in which a page offers them.';
COMMENT ON COLUMN plan_actions.event IS 'The action of the events that it makes: on the cards themselves, or for replace on the cards that take their place.';
COMMENT ON COLUMN plan_actions.undo IS 'What takes it back; null for what nothing takes back.';
COMMENT ON COLUMN plan_actions.undo_reason IS 'The reason with which that is done.';
COMMENT ON COLUMN plan_actions.offered IS 'A page offers it. withdraw comes along with a run to be undone: it takes back what is planned.';
COMMENT ON COLUMN plan_actions.most IS 'How many cards a plan may have: a replacement is ordered once for the plan and once for good.';
INSERT INTO plan_actions (position, action, event, most, offered) VALUES
    (1, 'block',     'block',     50000, true),
    (2, 'unblock',   'unblock',   50000, true),
    (3, 'terminate', 'terminate', 50000, true),
    (4, 'cancel',    'cancel',    50000, true),
    (5, 'hand_over', 'hand_over', 50000, true),
    (6, 'replace',   'order',     500,   true),
    (7, 'withdraw',  'unblock',   50000, false);
UPDATE plan_actions p SET undo = u.undo, undo_reason = u.reason
FROM (VALUES ('block', 'unblock', 'mistake'), ('unblock', 'block', 'mistake'), ('hand_over', 'hand_over', 'none'),
             ('replace', 'cancel', 'mistake')) u (action, undo, reason)
WHERE p.action = u.action;

CREATE TABLE plan_instead (
    action   text     NOT NULL CONSTRAINT plan_instead_action REFERENCES plan_actions,
    position smallint NOT NULL,
    instead  text     NOT NULL CONSTRAINT plan_instead_instead REFERENCES plan_actions,
    CONSTRAINT plan_instead_pkey PRIMARY KEY (action, position)
);
COMMENT ON TABLE plan_instead IS 'What may lead to what somebody wants, where the status of a card does not allow what was asked for.';
COMMENT ON COLUMN plan_instead.position IS 'The first that is open is offered.';
COMMENT ON COLUMN plan_instead.instead IS 'What to offer.';
INSERT INTO plan_instead (action, position, instead) VALUES ('block', 1, 'terminate'), ('block', 2, 'cancel'), ('terminate', 1, 'cancel');

CREATE TABLE plans (
    id             bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT plans_pkey PRIMARY KEY,
    company_id     bigint      NOT NULL CONSTRAINT plans_company REFERENCES companies,
    made_by        bigint      NOT NULL CONSTRAINT plans_made_by REFERENCES persons,
    made_as        text        NOT NULL CONSTRAINT plans_made_as REFERENCES roles,
    created_at     timestamptz NOT NULL DEFAULT clock_now(),
    action         text        NOT NULL CONSTRAINT plans_action REFERENCES plan_actions,
    reason         text        NOT NULL,
    note           text        NOT NULL CONSTRAINT plans_note_length CHECK (length(note) <= 500),
    starts_on      date,
    grace_hours    smallint    NOT NULL,
    price          integer,
    undoes_id      bigint,
    after_id       bigint,
    event_action   text        GENERATED ALWAYS AS (CASE action WHEN 'replace' THEN NULL WHEN 'withdraw' THEN 'unblock' ELSE action END) STORED,
    replace_reason text        GENERATED ALWAYS AS (CASE WHEN action = 'replace' THEN reason END) STORED,
    CONSTRAINT plans_whole UNIQUE (company_id, id, made_by),
    CONSTRAINT plans_reason FOREIGN KEY (event_action, reason) REFERENCES card_reasons (action, reason),
    CONSTRAINT plans_replace_reason FOREIGN KEY (replace_reason) REFERENCES replace_reasons,
    CONSTRAINT plans_not_reclaimed CHECK (replace_reason <> 'reclaimed'),
    CONSTRAINT plans_other_needs_note CHECK (reason <> 'other' OR note ~ '\S'),
    CONSTRAINT plans_starts_on_with_action CHECK (starts_on IS NULL OR action IN ('block', 'unblock', 'terminate'))
);
COMMENT ON TABLE plans IS 'What would become of many cards if something were done with all of them: made whole by make_plan, never changed.';
COMMENT ON COLUMN plans.made_by IS 'Who may have it done.';
COMMENT ON COLUMN plans.made_as IS 'The role in which he or she would act.';
COMMENT ON COLUMN plans.note IS 'For the history of every card.';
COMMENT ON COLUMN plans.starts_on IS 'From which day it is to hold; null for at once.';
COMMENT ON COLUMN plans.grace_hours IS 'For how long its terminations can be withdrawn; zero where they are final, and for all else.';
COMMENT ON COLUMN plans.price IS 'What a billed card cost a quarter when the plan was made, in öre.';
COMMENT ON COLUMN plans.undoes_id IS 'The run that it takes back.';
COMMENT ON COLUMN plans.after_id IS 'The plan or run from which its cards come: those that could not be taken there.';
COMMENT ON COLUMN plans.event_action IS 'The action whose reasons go with it; null for replace, which has reasons of its own.';
COMMENT ON COLUMN plans.replace_reason IS 'The reason of replace; null for all else.';
COMMENT ON CONSTRAINT plans_not_reclaimed ON plans IS 'A card that the issuer pays for follows from its claim.';
ALTER TABLE plans
    ADD CONSTRAINT plans_undoes FOREIGN KEY (undoes_id) REFERENCES plans,
    ADD CONSTRAINT plans_after FOREIGN KEY (after_id) REFERENCES plans;

CREATE TABLE plan_cards (
    plan_id      bigint  NOT NULL CONSTRAINT plan_cards_plan REFERENCES plans ON DELETE CASCADE,
    card_id      bigint  NOT NULL CONSTRAINT plan_cards_card REFERENCES cards,
    version      integer NOT NULL,
    effective    text    NOT NULL,
    planned_id   bigint  CONSTRAINT plan_cards_planned REFERENCES planned_actions,
    orderer_id   bigint  NOT NULL CONSTRAINT plan_cards_orderer REFERENCES persons,
    successor_id bigint  CONSTRAINT plan_cards_successor REFERENCES persons,
    verdict      text    NOT NULL CONSTRAINT plan_cards_verdict_known CHECK (verdict IN ('change', 'already', 'instead', 'refused', 'changed')),
    rule         text    NOT NULL DEFAULT '',
    instead      text    NOT NULL DEFAULT '',
    saves        integer NOT NULL DEFAULT 0,
    CONSTRAINT plan_cards_pkey PRIMARY KEY (plan_id, card_id),
    CONSTRAINT plan_cards_verdict_unique UNIQUE (plan_id, card_id, verdict)
);
COMMENT ON TABLE plan_cards IS 'The cards of a plan, each with what the rules said of it when the plan was made.';
COMMENT ON COLUMN plan_cards.plan_id IS 'The plan.';
COMMENT ON COLUMN plan_cards.version IS 'The version that was looked at. A card that has another one when its turn comes is left alone.';
COMMENT ON COLUMN plan_cards.effective IS 'What the card effectively was.';
COMMENT ON COLUMN plan_cards.planned_id IS 'withdraw: what is planned for the card and would be taken back.';
COMMENT ON COLUMN plan_cards.orderer_id IS 'Who was responsible for the card.';
COMMENT ON COLUMN plan_cards.successor_id IS 'To whom it would be handed over.';
COMMENT ON COLUMN plan_cards.verdict IS
    'change: it would be done; already: the card is so already; instead: something else would lead there; refused: a rule is in the way; '
    'changed: the card is not any more as it was when it was chosen.';
COMMENT ON COLUMN plan_cards.rule IS 'The rule in the way, empty when there is none.';
COMMENT ON COLUMN plan_cards.instead IS 'What would lead there, where the verdict is instead.';
COMMENT ON COLUMN plan_cards.saves IS '1 when the quarterly fee of the card ends, -1 when it begins.';

CREATE FUNCTION make_plan(
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
           CASE WHEN v.verdict = 'change' AND p_action NOT IN ('replace', 'withdraw') AND (c.valid_to IS NULL OR c.valid_to >= day)
                THEN (s.status = ANY (fees))::integer - (t.to_status = ANY (fees))::integer ELSE 0 END
    FROM ROWS FROM (unnest(p_cards), unnest(p_versions), unnest(p_successors), unnest(p_planned), unnest(p_refused)) x (card_id, version, successor_id, planned_id, refused)
    JOIN cards c ON c.id = x.card_id AND c.company_id = p_company
    CROSS JOIN LATERAL (
        SELECT CASE WHEN p_starts_on IS NULL THEN c.status ELSE planned_status(c, p_starts_on::timestamp AT TIME ZONE 'Europe/Stockholm') END AS status OFFSET 0) s
    LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = event AND t.from_status = s.status
    CROSS JOIN LATERAL (
        SELECT coalesce(CASE WHEN p_action = 'replace' THEN x.refused
                             WHEN p_action = 'withdraw' THEN card_guard(c, p_action, p_person, role)
                             WHEN p_starts_on IS NOT NULL THEN plan_refusal(c, p_action, p_person, p_starts_on::timestamp AT TIME ZONE 'Europe/Stockholm')
                             ELSE card_refusal(c, event, p_person, role) END, '') AS rule OFFSET 0) j
    LEFT JOIN LATERAL (
        SELECT n.instead FROM plan_instead n JOIN plan_actions a ON a.action = n.instead
        WHERE j.rule = 'card_events_transition' AND n.action = p_action AND card_refusal(c, a.event, p_person, role) IS NULL
        ORDER BY n.position LIMIT 1) i ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN x.version <> c.version THEN 'changed'
                    WHEN x.planned_id IS NOT NULL AND NOT EXISTS (SELECT FROM planned_actions a WHERE a.id = x.planned_id AND a.outcome IS NULL) THEN 'changed'
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
COMMENT ON FUNCTION make_plan IS
    'Keeps what would become of some cards of a company if p_person did something with all of them, as the same rules say that would judge it: '
    'p_versions what the cards must still be, or null for as they are; p_successors to whom each is handed over; p_planned what is planned for each '
    'and is to be withdrawn; p_refused for replace the rule that refused the order when it was tried, or null.';

CREATE TABLE runs (
    plan_id     bigint      CONSTRAINT runs_pkey PRIMARY KEY,
    company_id  bigint      NOT NULL,
    started_by  bigint      NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT clock_now(),
    finished_at timestamptz,
    CONSTRAINT runs_plan FOREIGN KEY (company_id, plan_id, started_by) REFERENCES plans (company_id, id, made_by)
);
COMMENT ON TABLE runs IS 'Plans that were or are being done, each once, by whoever made it.';
COMMENT ON COLUMN runs.plan_id IS 'The plan, whose number is the run''s.';
COMMENT ON COLUMN runs.started_by IS 'Whoever made the plan.';
COMMENT ON COLUMN runs.started_at IS 'By the portal''s clock.';
COMMENT ON COLUMN runs.finished_at IS 'When the last card was accounted for; null until then.';
CREATE INDEX runs_by_company ON runs (company_id, plan_id);

CREATE TABLE run_cards (
    plan_id    bigint      NOT NULL CONSTRAINT run_cards_run REFERENCES runs,
    card_id    bigint      NOT NULL,
    verdict    text        NOT NULL DEFAULT 'change' CONSTRAINT run_cards_only_planned CHECK (verdict = 'change'),
    result    text        NOT NULL CONSTRAINT run_cards_result_known CHECK (result IN ('done', 'planned', 'changed', 'refused')),
    rule       text        NOT NULL DEFAULT '',
    seq        integer,
    made_id    bigint,
    planned_id bigint,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT run_cards_pkey PRIMARY KEY (plan_id, card_id),
    CONSTRAINT run_cards_of_plan FOREIGN KEY (plan_id, card_id, verdict) REFERENCES plan_cards (plan_id, card_id, verdict),
    CONSTRAINT run_cards_event FOREIGN KEY (card_id, seq) REFERENCES card_events (card_id, seq),
    CONSTRAINT run_cards_made FOREIGN KEY (made_id) REFERENCES cards,
    CONSTRAINT run_cards_planned FOREIGN KEY (planned_id) REFERENCES planned_actions,
    CONSTRAINT run_cards_done_by CHECK (
        (result IN ('done', 'planned')) = (num_nonnulls(seq, made_id, planned_id) = 1) AND (result <> 'planned' OR planned_id IS NOT NULL)),
    CONSTRAINT run_cards_refused_by_rule CHECK ((result = 'refused') = (rule <> ''))
);
COMMENT ON TABLE run_cards IS 'What became of each card of a run; written once, with its event.';
COMMENT ON COLUMN run_cards.plan_id IS 'The run.';
COMMENT ON COLUMN run_cards.verdict IS 'Only cards that the plan says will change are touched.';
COMMENT ON COLUMN run_cards.planned_id IS 'What was planned for the card; of a run of withdraw what was taken back.';
COMMENT ON COLUMN run_cards.result IS 'done; planned: it is to come; changed: somebody changed the card after the plan was made, so it was left alone; refused: a rule was in the way.';
COMMENT ON COLUMN run_cards.rule IS 'The rule in the way, empty when there was none.';
COMMENT ON COLUMN run_cards.seq IS 'The event that it became, on the card itself.';
COMMENT ON COLUMN run_cards.made_id IS 'The card that was ordered in its place.';

CREATE FUNCTION runs_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    rule text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF EXISTS (SELECT FROM plans p WHERE p.id = NEW.plan_id AND p.created_at <= clock_now() - interval '1 day') THEN
            rule := 'runs_plan_of_today';
        END IF;
    ELSIF OLD.finished_at IS NOT NULL OR (NEW.plan_id, NEW.company_id, NEW.started_by, NEW.started_at)
                                         IS DISTINCT FROM (OLD.plan_id, OLD.company_id, OLD.started_by, OLD.started_at) THEN
        rule := 'runs_written_once';
    ELSIF EXISTS (SELECT FROM plan_cards p WHERE p.plan_id = NEW.plan_id AND p.verdict = 'change'
                  AND NOT EXISTS (SELECT FROM run_cards r WHERE r.plan_id = p.plan_id AND r.card_id = p.card_id)) THEN
        rule := 'runs_every_card_accounted_for';
    ELSE
        NEW.finished_at := clock_now();
    END IF;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'runs', SCHEMA = 'public';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION runs_guard IS
    'A plan is done within a day (runs_plan_of_today); a run ends once (runs_written_once), when each of its cards is accounted for (runs_every_card_accounted_for).';
CREATE TRIGGER runs_guard BEFORE INSERT OR UPDATE ON runs FOR EACH ROW EXECUTE FUNCTION runs_guard();
ALTER TABLE runs ENABLE ALWAYS TRIGGER runs_guard;

INSERT INTO retention_rules (what, keep, since, why) VALUES
    ('selection', '1 day',  'the cards were chosen', 'Whoever chose them does something with them the same day, or never.'),
    ('plan',      '7 days', 'it was made',           'A plan that was not done is of no use after its day. One that was done is the receipt, and stays with the events.');

CREATE FUNCTION forget_plans(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    n    integer;
    most integer;
BEGIN
    DELETE FROM selections WHERE id IN (
        SELECT s.id FROM selections s WHERE s.created_at <= clock_now() - retention('selection')
        ORDER BY s.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS most = ROW_COUNT;
    DELETE FROM plans WHERE id IN (
        SELECT p.id FROM plans p
        WHERE p.created_at <= clock_now() - retention('plan') AND NOT EXISTS (SELECT FROM runs r WHERE r.plan_id = p.id)
          AND NOT EXISTS (SELECT FROM plans l WHERE p.id IN (l.after_id, l.undoes_id))
        ORDER BY p.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN greatest(n, most);
END
$$;
COMMENT ON FUNCTION forget_plans IS
    'Deletes selections and plans that were never done, when retention_rules do not keep them any longer: at most so many of each. Returns the larger number.';
CREATE INDEX selections_by_age ON selections (created_at);
CREATE INDEX plans_by_age ON plans (created_at);
CREATE INDEX plans_by_after ON plans (after_id) WHERE after_id IS NOT NULL;
CREATE INDEX plans_by_undoes ON plans (undoes_id) WHERE undoes_id IS NOT NULL;

CREATE VIEW live_selections AS
SELECT s.*
FROM selections s
WHERE s.created_at > clock_now() - (SELECT r.keep FROM retention_rules r WHERE r.what = 'selection');
COMMENT ON VIEW live_selections IS 'Those that whoever made them can still open.';

REVOKE EXECUTE ON FUNCTION make_plan, runs_guard, forget_plans FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_plan, forget_plans TO kortportal_app;
GRANT SELECT ON live_selections, plan_actions, plans, plan_cards, runs, run_cards TO kortportal_app;
GRANT SELECT, INSERT (company_id, made_by) ON selections TO kortportal_app;
GRANT SELECT, INSERT (selection_id, company_id, card_id, kind), DELETE ON selection_cards TO kortportal_app;
GRANT INSERT (plan_id, company_id, started_by), UPDATE (finished_at) ON runs TO kortportal_app;
GRANT INSERT (plan_id, card_id, result, rule, seq, made_id, planned_id) ON run_cards TO kortportal_app;

COMMIT;
