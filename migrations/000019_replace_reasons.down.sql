BEGIN;
ALTER TABLE card_orders DROP CONSTRAINT card_orders_replace_reason_known;
ALTER TABLE card_orders ADD CONSTRAINT card_orders_replace_reason_known
    CHECK (replace_reason IN ('lost', 'stolen', 'damaged', 'wrong_data', 'expires', 'reclaimed'));
DROP TABLE replace_reasons;
COMMIT;
