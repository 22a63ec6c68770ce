BEGIN;
DROP VIEW usable_searches;
DROP TABLE start_searches;
DROP TABLE saved_searches;
DROP FUNCTION saved_searches_limit;
DROP VIEW cleanup_cards;
DROP FUNCTION cleanup_before;
DROP TABLE cleanup_rules;
COMMIT;
