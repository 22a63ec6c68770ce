BEGIN;
DROP FUNCTION effective_status;
DROP VIEW suspended_companies, billed_statuses;
DROP TABLE invoices, fee_policy_statuses, fee_policies;
COMMIT;
