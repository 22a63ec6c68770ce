BEGIN;
DROP VIEW current_fee;
ALTER TABLE fee_policies DROP COLUMN price;
COMMIT;
