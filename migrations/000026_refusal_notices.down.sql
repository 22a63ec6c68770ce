BEGIN;
DROP FUNCTION tell_of_refusals;
DROP INDEX planned_actions_refused;
DROP TABLE refusal_notices;
DELETE FROM message_attempts a USING messages m WHERE m.id = a.message_id AND m.template = 'plans_refused';
DELETE FROM messages WHERE template = 'plans_refused';
DELETE FROM message_templates WHERE template = 'plans_refused';
COMMIT;
