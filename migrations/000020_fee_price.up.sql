-- What a card costs: each fee policy gets its price, so that pages can say what a step saves.
BEGIN;

ALTER TABLE fee_policies ADD COLUMN price integer NOT NULL DEFAULT 3500
    CONSTRAINT fee_policies_price_some CHECK (price >= 0);
ALTER TABLE fee_policies ALTER COLUMN price DROP DEFAULT;
COMMENT ON COLUMN fee_policies.price IS 'Of one card for one quarter, in öre, without VAT.';

CREATE VIEW current_fee AS
SELECT p.valid_from, p.price
FROM fee_policies p
WHERE p.valid_from = (SELECT max(x.valid_from) FROM fee_policies x WHERE x.valid_from <= (SELECT today()));
COMMENT ON VIEW current_fee IS 'The policy that holds today: what a card in one of billed_statuses costs a quarter. One row, or none before the first policy.';

GRANT SELECT ON current_fee TO kortportal_app;

COMMIT;
