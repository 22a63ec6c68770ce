BEGIN;
DROP INDEX production_cards_by_outcome, production_cards_sent;
DROP FUNCTION answer_faults, hold_review;
DROP TABLE review_holds;
-- The looks at the desk's pages go with the pages.
DELETE FROM issuer_looks WHERE page NOT IN ('card_search', 'card');
ALTER TABLE issuer_looks DROP CONSTRAINT issuer_looks_page_known;
ALTER TABLE issuer_looks ADD CONSTRAINT issuer_looks_page_known CHECK (page IN ('card_search', 'card'));
COMMIT;
