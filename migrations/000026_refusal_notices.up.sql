-- Whoever is responsible for a card hears by mail that what was planned for it could not be done: it happens at midnight, when nobody looks.
BEGIN;

INSERT INTO message_templates (template) VALUES ('plans_refused');

CREATE TABLE refusal_notices (
    planned_id bigint      CONSTRAINT refusal_notices_pkey PRIMARY KEY
                           CONSTRAINT refusal_notices_planned REFERENCES planned_actions,
    noticed_at timestamptz NOT NULL DEFAULT clock_now()
);
COMMENT ON TABLE refusal_notices IS 'The plans whose refusal was told, so that each is told once. Written by tell_of_refusals alone.';
COMMENT ON COLUMN refusal_notices.planned_id IS 'What was planned and refused.';
COMMENT ON COLUMN refusal_notices.noticed_at IS 'By the portal''s clock.';
INSERT INTO refusal_notices (planned_id) SELECT p.id FROM planned_actions p WHERE p.outcome = 'refused'; -- no news any more
CREATE INDEX planned_actions_refused ON planned_actions (settled_at) WHERE outcome = 'refused';

CREATE FUNCTION tell_of_refusals() RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    -- Of two at once the second waits, and then finds nothing left.
    PERFORM pg_advisory_xact_lock(hashtextextended('tell_of_refusals', 0));
    RETURN QUERY
    WITH told AS (
        INSERT INTO refusal_notices (planned_id)
        SELECT p.id FROM planned_actions p
        WHERE p.outcome = 'refused' AND p.settled_at > clock_now() - interval '7 days'
          AND NOT EXISTS (SELECT FROM refusal_notices n WHERE n.planned_id = p.id)
        RETURNING planned_id
    ), readers AS (
        SELECT c.company_id, r.person_id, count(*) AS plans
        FROM told t
        JOIN planned_actions p ON p.id = t.planned_id
        JOIN cards c ON c.id = p.card_id
        CROSS JOIN LATERAL (
            SELECT c.orderer_id AS person_id
            UNION SELECT d.deputy_id FROM current_deputies d WHERE d.company_id = c.company_id AND d.orderer_id = c.orderer_id) r
        GROUP BY c.company_id, r.person_id
    )
    INSERT INTO messages (company_id, person_id, email, template, language, data)
    SELECT r.company_id, r.person_id, l.email, 'plans_refused', l.language, jsonb_build_object('company', co.name, 'plans', r.plans)
    FROM readers r
    JOIN companies co ON co.id = r.company_id
    JOIN memberships m ON m.company_id = r.company_id AND m.person_id = r.person_id AND m.role = 'orderer' AND m.ended_at IS NULL
    JOIN logins l ON l.person_id = r.person_id AND l.disabled_at IS NULL
    ORDER BY r.company_id, r.person_id
    RETURNING id;
END
$$;
COMMENT ON FUNCTION tell_of_refusals IS
    'Writes to whoever is responsible for cards, and to deputies, how many plans of a company were refused since it was last told, one mail each. '
    'Answers with the mails to be sent. What nobody told for a week is told no more.';

REVOKE EXECUTE ON FUNCTION tell_of_refusals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tell_of_refusals TO kortportal_app;

COMMIT;
