-- Exports: who took a list of the company's cards out of the portal, and whether whole personal numbers were in it, for what purpose.
BEGIN;

CREATE TABLE card_exports (
    id               bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT card_exports_pkey PRIMARY KEY,
    company_id       bigint      NOT NULL CONSTRAINT card_exports_company REFERENCES companies,
    made_by          bigint      NOT NULL CONSTRAINT card_exports_made_by REFERENCES persons,
    made_at          timestamptz NOT NULL DEFAULT clock_now(),
    format           text        NOT NULL CONSTRAINT card_exports_format_known CHECK (format IN ('csv', 'xlsx')),
    personal_numbers boolean     NOT NULL,
    purpose          text        NOT NULL DEFAULT ''
                                 CONSTRAINT card_exports_purpose_length CHECK (length(purpose) <= 200)
                                 CONSTRAINT card_exports_no_personal_number CHECK (purpose !~ '\d{6}\s*[-+]?\s*\d{4}'),
    rows             integer     CONSTRAINT card_exports_rows_some CHECK (rows >= 0),
    CONSTRAINT card_exports_purpose CHECK (NOT personal_numbers OR purpose ~ '\S')
);
COMMENT ON TABLE card_exports IS 'Lists of cards that were taken out of the portal. Written before the first row leaves it.';
COMMENT ON COLUMN card_exports.company_id IS 'Whose cards.';
COMMENT ON COLUMN card_exports.made_by IS 'Who took it.';
COMMENT ON COLUMN card_exports.made_at IS 'By the portal''s clock.';
COMMENT ON COLUMN card_exports.format IS 'What it was written as.';
COMMENT ON COLUMN card_exports.personal_numbers IS 'Whether personal numbers stood in it whole. Else they are masked, as on the pages.';
COMMENT ON COLUMN card_exports.purpose IS 'What whole personal numbers are needed for, in the words of who took them.';
COMMENT ON COLUMN card_exports.rows IS 'How many cards were in it; null while it is under way, and for ever when it broke off.';
CREATE INDEX card_exports_by_company ON card_exports (company_id, id);

CREATE FUNCTION card_exports_keep() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.rows IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what left the portal stays written down'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'card_exports_written_once', TABLE = 'card_exports', SCHEMA = 'public';
END
$$;
COMMENT ON FUNCTION card_exports_keep IS 'An export is ended once and never changed.';
CREATE TRIGGER card_exports_keep BEFORE UPDATE OR DELETE ON card_exports FOR EACH ROW EXECUTE FUNCTION card_exports_keep();
ALTER TABLE card_exports ENABLE ALWAYS TRIGGER card_exports_keep;

REVOKE EXECUTE ON FUNCTION card_exports_keep FROM PUBLIC;
GRANT SELECT, INSERT (company_id, made_by, format, personal_numbers, purpose), UPDATE (rows) ON card_exports TO kortportal_app;

COMMIT;
