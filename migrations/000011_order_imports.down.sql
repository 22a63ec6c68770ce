BEGIN;
DROP FUNCTION import_orders;
DROP VIEW live_order_imports;
DROP TABLE order_imports;
COMMIT;
