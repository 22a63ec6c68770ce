BEGIN;
DROP FUNCTION answer_batch, make_batch, must_be_issuer;
DROP VIEW cards_to_produce;
DROP INDEX cards_at_issuer;
DROP TABLE production_cards, production_batches;
DROP FUNCTION card_valid_to;
DROP TABLE validity_rules, eea_countries, card_series;
COMMIT;
