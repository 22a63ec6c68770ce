BEGIN;
GRANT UPDATE (jpeg, deleted_at) ON pictures TO kortportal_app;
DROP FUNCTION resend_refusal;
ALTER TABLE message_templates DROP COLUMN while_status;
-- The looks at the page of claims go by the name they had before.
UPDATE issuer_looks SET page = 'card_search' WHERE page = 'claims';
ALTER TABLE issuer_looks DROP CONSTRAINT issuer_looks_page_known;
ALTER TABLE issuer_looks ADD CONSTRAINT issuer_looks_page_known
    CHECK (page IN ('card_search', 'card', 'desk', 'review', 'photo', 'production'));
DROP TRIGGER card_orders_photo ON card_orders;
DROP FUNCTION card_orders_photo, forget_rows, forget_pictures;
DROP INDEX renewals_by_age, card_reminders_by_age, card_reminders_by_message, messages_by_age, links_by_end, links_by_message, issuer_looks_by_age, activation_tries_by_age, order_imports_by_age, pictures_there,
    claims_by_picture;
DROP VIEW pictures_kept;
COMMENT ON TABLE order_imports IS 'Spreadsheets of orders from upload until an hour later.';
CREATE OR REPLACE VIEW live_order_imports AS
SELECT i.*
FROM order_imports i
WHERE i.created_at > clock_now() - interval '1 hour';
COMMENT ON VIEW live_order_imports IS 'Those that their orderer can still open. The others are deleted by the next upload, whoever makes it.';
CREATE OR REPLACE VIEW live_renewals AS
SELECT r.*
FROM renewals r
WHERE r.created_at > clock_now() - interval '1 day';
COMMENT ON TABLE renewals IS 'New cards for many that expire, from the choice of the cards until a day later.';
DROP FUNCTION retention;
DROP TABLE retention_rules;
COMMIT;
