-- The issuer's desk: who is looking at which order, which pages' looks are written down, and what is wrong with a bureau's answer before
-- anything of it is taken.
BEGIN;

ALTER TABLE issuer_looks DROP CONSTRAINT issuer_looks_page_known;
ALTER TABLE issuer_looks ADD CONSTRAINT issuer_looks_page_known
    CHECK (page IN ('card_search', 'card', 'desk', 'review', 'photo', 'production'));

CREATE TABLE review_holds (
    card_id   bigint      CONSTRAINT review_holds_pkey PRIMARY KEY CONSTRAINT review_holds_card REFERENCES cards,
    person_id bigint      NOT NULL CONSTRAINT review_holds_person REFERENCES persons,
    until     timestamptz NOT NULL
);
COMMENT ON TABLE review_holds IS
    'Which order a clerk is reviewing, so that two do not look at the same one. It forbids nothing: of two decisions the card''s version lets one win.';
COMMENT ON COLUMN review_holds.until IS 'From then on the order is anybody''s again.';
CREATE INDEX review_holds_by_person ON review_holds (person_id);
GRANT SELECT ON review_holds TO kortportal_app;

CREATE FUNCTION hold_review(p_actor bigint, p_after bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    next bigint;
    mine bigint;
BEGIN
    PERFORM must_be_issuer(p_actor);
    LOOP
        -- First those after p_after, then from the beginning.
        SELECT c.id INTO next FROM cards c
        WHERE c.status = 'ordered'
          AND card_guard(c, 'review', p_actor, 'issuer') IS NULL
          AND NOT EXISTS (SELECT FROM review_holds d WHERE d.card_id = c.id AND d.person_id <> p_actor AND d.until > clock_now())
          AND c.id > p_after
        ORDER BY c.id LIMIT 1;
        IF next IS NULL AND p_after > 0 THEN
            p_after := 0;
            CONTINUE;
        END IF;
        DELETE FROM review_holds d WHERE d.person_id = p_actor AND d.card_id IS DISTINCT FROM next;
        IF next IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO review_holds AS d (card_id, person_id, until) VALUES (next, p_actor, clock_now() + interval '5 minutes')
        ON CONFLICT (card_id) DO UPDATE SET person_id = p_actor, until = EXCLUDED.until
            WHERE d.person_id = p_actor OR d.until <= clock_now()
        RETURNING d.card_id INTO mine;
        IF mine IS NOT NULL THEN
            RETURN mine;
        END IF;
        -- Somebody else was faster; the next look sees that claim.
    END LOOP;
END
$$;
COMMENT ON FUNCTION hold_review IS
    'The oldest order after p_after, or from the beginning, that can be reviewed and that nobody else is looking at: it is the clerk''s for five '
    'minutes, and no other one is any more. Null: none is left.';

CREATE FUNCTION answer_faults(p_batch bigint, p_numbers text[], p_chips text[], p_outcomes text[])
RETURNS TABLE (line integer, field text, fault text) LANGUAGE plpgsql STABLE AS
$$
BEGIN
    RETURN QUERY
    SELECT a.line::integer, f.field, f.fault
    FROM (
        SELECT x.line, x.chip, x.outcome, p.card_id, c.kind,
               row_number() OVER (PARTITION BY x.number ORDER BY x.line) AS nth_number,
               row_number() OVER (PARTITION BY x.chip ORDER BY x.line) AS nth_chip,
               p.outcome IS NULL OR p.outcome = 'withdrawn'
                   OR p.outcome = x.outcome AND (x.outcome = 'spoiled' OR c.chip_uid IS NOT DISTINCT FROM nullif(x.chip, '')) AS fits
        FROM unnest(p_numbers, p_chips, p_outcomes) WITH ORDINALITY x (number, chip, outcome, line)
        LEFT JOIN production_cards p ON p.batch_id = p_batch AND p.number = x.number
        LEFT JOIN cards c ON c.id = p.card_id
    ) a
    CROSS JOIN LATERAL (
        VALUES
            (1, 'number', CASE WHEN a.card_id IS NULL THEN 'unknown' WHEN a.nth_number > 1 THEN 'repeated' WHEN NOT a.fits THEN 'answered' END),
            (2, 'chip', CASE WHEN a.chip = '' THEN CASE WHEN a.outcome = 'made' AND a.kind = 'standard' THEN 'required' END
                             WHEN a.kind = 'visitor' THEN 'visitor'
                             WHEN a.chip !~ '^([0-9A-F]{2}){4,10}$' THEN 'invalid'
                             WHEN a.nth_chip > 1 THEN 'repeated' END),
            (3, 'outcome', CASE WHEN a.outcome = '' THEN 'required' WHEN a.outcome NOT IN ('made', 'spoiled') THEN 'invalid' END)
    ) f (col, field, fault)
    WHERE f.fault IS NOT NULL
    ORDER BY a.line, f.col;
END
$$;
COMMENT ON FUNCTION answer_faults IS
    'What is wrong with a bureau''s answer, by line and column; nothing: answer_batch will take it. A line that says again what was '
    'answered before is no fault.';

CREATE INDEX production_cards_by_outcome ON production_cards (batch_id, outcome);
CREATE INDEX production_cards_sent ON production_cards (answered_at, card_id) WHERE outcome = 'made';

REVOKE EXECUTE ON FUNCTION hold_review, answer_faults FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_review, answer_faults TO kortportal_app;

COMMIT;
