BEGIN;
DROP TRIGGER card_orders_reclaimed ON card_orders;
DROP FUNCTION card_orders_claim, decide_claim;
DROP TABLE claims;
DROP FUNCTION claims_before_insert, claim_refusal;
DROP TABLE claim_faults;
COMMIT;
