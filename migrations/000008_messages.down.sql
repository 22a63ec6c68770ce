BEGIN;
DROP FUNCTION use_link, make_link, link_refusal, end_attempt, begin_attempt;
DROP VIEW message_states;
DROP TABLE links, message_attempts, messages, message_templates, link_purposes;
DROP SCHEMA river CASCADE; -- with the library's tables and the jobs that have not been done
COMMIT;
