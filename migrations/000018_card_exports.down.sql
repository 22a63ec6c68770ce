BEGIN;
DROP TABLE card_exports;
DROP FUNCTION card_exports_keep;
COMMIT;
