-- Why a card is replaced, and who pays for the new one: rows, where a list of words stood in a check.
BEGIN;

CREATE TABLE replace_reasons (
    reason text CONSTRAINT replace_reasons_pkey PRIMARY KEY,
    pays   text NOT NULL CONSTRAINT replace_reasons_pays_known CHECK (pays IN ('company', 'issuer'))
);
COMMENT ON TABLE replace_reasons IS 'Why a card may be replaced.';
COMMENT ON COLUMN replace_reasons.reason IS 'A word of its own in the pages.';
COMMENT ON COLUMN replace_reasons.pays IS 'Who pays for the new card: the company that orders it, or the issuer, where the old one was faulty.';
INSERT INTO replace_reasons (reason, pays) VALUES
    ('lost', 'company'), ('stolen', 'company'), ('damaged', 'company'), ('wrong_data', 'company'), ('expires', 'company'), ('reclaimed', 'issuer');
GRANT SELECT ON replace_reasons TO kortportal_app;

ALTER TABLE card_orders DROP CONSTRAINT card_orders_replace_reason_known;
ALTER TABLE card_orders ADD CONSTRAINT card_orders_replace_reason_known FOREIGN KEY (replace_reason) REFERENCES replace_reasons;

COMMIT;
