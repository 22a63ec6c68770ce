BEGIN;
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
COMMIT;
