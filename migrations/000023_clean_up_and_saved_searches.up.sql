-- Cards that a company pays for or carries along without need: what each kind of them is stands here once, as a row with its threshold and as a
-- part of one view, which the search, its counts and the page Städa read alike. And searches with a name, which are kept without a personnummer.
BEGIN;

CREATE TABLE cleanup_rules (
    cleanup  text     CONSTRAINT cleanup_rules_pkey PRIMARY KEY,
    position smallint NOT NULL CONSTRAINT cleanup_rules_position_unique UNIQUE,
    after    interval CONSTRAINT cleanup_rules_after_some CHECK (after > interval '0'),
    ends     boolean  NOT NULL
);
COMMENT ON TABLE cleanup_rules IS 'The kinds of cards that wait to be tidied up. Which cards they are says cleanup_cards. The owner changes a threshold with UPDATE.';
COMMENT ON COLUMN cleanup_rules.cleanup IS 'A word of its own in pages and addresses.';
COMMENT ON COLUMN cleanup_rules.after IS 'How long a card has been what it is, at least; null where time plays no part.';
COMMENT ON COLUMN cleanup_rules.ends IS 'Whether the remedy is to end the card, so that its fee is saved. Else something about it is put right.';
INSERT INTO cleanup_rules (position, cleanup, after, ends) VALUES
    (1, 'never_activated', '30 days', true),
    (2, 'long_blocked',    '90 days', true),
    (3, 'several',         NULL,      true),
    (4, 'expired',         NULL,      true),
    (5, 'no_email',        NULL,      false),
    (6, 'orderer_gone',    NULL,      false);
ANALYZE cleanup_rules; -- never changed enough to be analyzed by itself, and guessed to be of a thousand rows

CREATE FUNCTION cleanup_before(p_cleanup text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS
$$
BEGIN
    RETURN (SELECT clock_now() - r.after FROM cleanup_rules r WHERE r.cleanup = p_cleanup);
END
$$;
COMMENT ON FUNCTION cleanup_before IS 'What has been so since then, or longer, is to be tidied up.';

-- Each kind is a part of its own, so that whoever asks for one reads that one. The time of the last change is asked for one card at a time: as a
-- NOT EXISTS it could become a join over all events.
CREATE VIEW cleanup_cards AS
SELECT 'never_activated' AS cleanup, c.id, c.company_id, c.kind, c.person_id, c.orderer_id, c.status, c.valid_to, c.number, c.sort_key, c.personal_key
FROM cards c
WHERE c.kind = 'standard' AND c.status = 'produced' AND c.valid_to >= (SELECT today())
  AND (SELECT e.occurred_at FROM card_events e WHERE e.card_id = c.id AND e.from_status <> e.to_status ORDER BY e.seq DESC LIMIT 1)
      <= (SELECT cleanup_before('never_activated'))
UNION ALL
SELECT 'long_blocked', c.id, c.company_id, c.kind, c.person_id, c.orderer_id, c.status, c.valid_to, c.number, c.sort_key, c.personal_key
FROM cards c
WHERE c.status = 'blocked' AND c.valid_to >= (SELECT today())
  AND (SELECT e.occurred_at FROM card_events e WHERE e.card_id = c.id AND e.from_status <> e.to_status ORDER BY e.seq DESC LIMIT 1)
      <= (SELECT cleanup_before('long_blocked'))
UNION ALL
SELECT 'several', c.id, c.company_id, c.kind, c.person_id, c.orderer_id, c.status, c.valid_to, c.number, c.sort_key, c.personal_key
FROM cards c
WHERE c.status IN ('produced', 'blocked') AND c.valid_to >= (SELECT today())
  AND (SELECT max(n.id) FROM cards n
       WHERE n.person_id = c.person_id AND n.company_id = c.company_id AND n.kind = c.kind
         AND n.status IN ('produced', 'active', 'blocked') AND n.valid_to >= (SELECT today())) > c.id
UNION ALL
SELECT 'expired', c.id, c.company_id, c.kind, c.person_id, c.orderer_id, c.status, c.valid_to, c.number, c.sort_key, c.personal_key
FROM cards c
WHERE c.status IN ('produced', 'active', 'blocked') AND c.valid_to < (SELECT today())
UNION ALL
SELECT 'no_email', c.id, c.company_id, c.kind, c.person_id, c.orderer_id, c.status, c.valid_to, c.number, c.sort_key, c.personal_key
FROM cards c
WHERE c.kind = 'standard' AND c.status IN ('active', 'blocked') AND c.valid_to >= (SELECT today())
  AND (SELECT o.email FROM card_orders o WHERE o.card_id = c.id ORDER BY o.seq DESC LIMIT 1) IS NULL
  AND (SELECT l.person_id FROM logins l WHERE l.person_id = c.person_id AND l.disabled_at IS NULL) IS NULL
UNION ALL
SELECT 'orderer_gone', c.id, c.company_id, c.kind, c.person_id, c.orderer_id, c.status, c.valid_to, c.number, c.sort_key, c.personal_key
FROM memberships m
JOIN cards c ON c.company_id = m.company_id AND c.orderer_id = m.person_id
WHERE m.role = 'orderer' AND m.ended_at IS NOT NULL AND c.status NOT IN (SELECT f.status FROM card_statuses f WHERE f.final);
COMMENT ON VIEW cleanup_cards IS
    'The cards of each kind; a card may be of several. '
    'never_activated: made and not yet past its last day, but for so long nobody has activated it. A visitor card never is, and is none of them. '
    'long_blocked: blocked for so long without a break, and not past its last day. '
    'several: not in use (produced or blocked), while the same person has a newer card of the company that is produced, active or blocked; none of both '
    'past its last day. Of a person''s cards the one that works and the newest stay, so that a new card on its way and the one it will replace are none of them. '
    'expired: past its last day, and never ended. '
    'no_email: activated and not past its last day, while its holder has neither a log-in nor an address in the last order, so that nobody can be reminded. '
    'orderer_gone: not at an end, while who is responsible for it is no orderer of the company any more, so that nobody may act. An orderer who '
    'leaves keeps the ended membership. '
    'The columns are those that a search by filters needs.';
REVOKE EXECUTE ON FUNCTION cleanup_before FROM PUBLIC;
GRANT SELECT ON cleanup_rules, cleanup_cards TO kortportal_app;
GRANT EXECUTE ON FUNCTION cleanup_before TO kortportal_app;

CREATE TABLE saved_searches (
    id             bigint      GENERATED BY DEFAULT AS IDENTITY CONSTRAINT saved_searches_pkey PRIMARY KEY,
    company_id     bigint      NOT NULL CONSTRAINT saved_searches_company REFERENCES companies,
    person_id      bigint      NOT NULL CONSTRAINT saved_searches_person REFERENCES persons,
    name           text        NOT NULL
                               CONSTRAINT saved_searches_name_length CHECK (length(name) <= 60 AND name ~ '\S')
                               CONSTRAINT saved_searches_name_no_personal_number CHECK (name !~ '\d{6}\s*[-+]?\s*\d{4}'),
    shared         boolean     NOT NULL DEFAULT false,
    query          text        NOT NULL DEFAULT ''
                               CONSTRAINT saved_searches_query_length CHECK (length(query) <= 100)
                               CONSTRAINT saved_searches_query_not_personal
                                   CHECK (query !~ '(^|[^[:alnum:]])\d{6}' AND query !~ '\d{6}\s*[-+]?\s*\d{4}'
                                          AND regexp_replace(query, '[\s+-]', '', 'g') !~ '^\d{6}'),
    status         text        CONSTRAINT saved_searches_status_known CHECK (status IN (
                                   'ordered', 'reviewed', 'approved', 'rejected', 'cancelled', 'produced', 'active', 'blocked', 'terminated', 'expired', 'suspended')),
    kind           text        CONSTRAINT saved_searches_kind REFERENCES card_kinds,
    orderer_id     bigint      CONSTRAINT saved_searches_orderer REFERENCES persons,
    expires_before date,
    cleanup        text        CONSTRAINT saved_searches_cleanup REFERENCES cleanup_rules,
    created_at     timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT saved_searches_company_id_unique UNIQUE (company_id, id),
    CONSTRAINT saved_searches_name_unique UNIQUE (company_id, person_id, name)
);
COMMENT ON TABLE saved_searches IS 'Searches of a company''s cards that somebody named, each filter null or empty where it is not set.';
COMMENT ON COLUMN saved_searches.person_id IS 'Who saved it, and alone changes it.';
COMMENT ON COLUMN saved_searches.shared IS 'Whether the company''s other people see it.';
COMMENT ON COLUMN saved_searches.query IS 'As typed; never a personnummer or a birth date.';
COMMENT ON COLUMN saved_searches.status IS 'An effective one.';
COMMENT ON COLUMN saved_searches.orderer_id IS 'Who is responsible for the cards.';
COMMENT ON COLUMN saved_searches.expires_before IS 'Their last day is earlier.';
COMMENT ON COLUMN saved_searches.cleanup IS 'What there is to tidy up.';
CREATE INDEX saved_searches_shared ON saved_searches (company_id, name) WHERE shared;

CREATE FUNCTION saved_searches_limit() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('saved_searches', NEW.person_id)); -- two at once count one after the other
    IF (SELECT count(*) FROM saved_searches s WHERE s.company_id = NEW.company_id AND s.person_id = NEW.person_id) >= 50 THEN
        RAISE EXCEPTION 'a person has at most fifty saved searches'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'saved_searches_at_most_fifty', TABLE = 'saved_searches', SCHEMA = 'public';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER saved_searches_limit BEFORE INSERT ON saved_searches FOR EACH ROW EXECUTE FUNCTION saved_searches_limit();
ALTER TABLE saved_searches ENABLE ALWAYS TRIGGER saved_searches_limit;

CREATE TABLE start_searches (
    company_id bigint NOT NULL,
    person_id  bigint NOT NULL CONSTRAINT start_searches_person REFERENCES persons,
    search_id  bigint NOT NULL,
    CONSTRAINT start_searches_pkey PRIMARY KEY (company_id, person_id),
    CONSTRAINT start_searches_search FOREIGN KEY (company_id, search_id) REFERENCES saved_searches (company_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE start_searches IS 'With which search a person begins in a company, instead of the start page. It counts while it is the own one or shared.';
COMMENT ON COLUMN start_searches.search_id IS 'One of the same company.';
CREATE INDEX start_searches_by_search ON start_searches (company_id, search_id);

CREATE VIEW usable_searches AS
SELECT s.*, r.person_id AS reader_id, s.person_id = r.person_id AS own,
       EXISTS (SELECT FROM start_searches t WHERE t.company_id = s.company_id AND t.person_id = r.person_id AND t.search_id = s.id) AS starts
FROM (SELECT DISTINCT m.company_id, m.person_id FROM memberships m WHERE m.ended_at IS NULL) r
JOIN saved_searches s ON s.company_id = r.company_id AND (s.person_id = r.person_id OR s.shared);
COMMENT ON VIEW usable_searches IS 'The searches that each person of a company may use, reader_id: the own ones and those that others share.';

-- The start page tells of claims that were decided lately.
CREATE INDEX claims_by_decision ON claims (company_id, decided_at) WHERE decided_at IS NOT NULL;

REVOKE EXECUTE ON FUNCTION saved_searches_limit FROM PUBLIC;
GRANT SELECT, INSERT (company_id, person_id, name, shared, query, status, kind, orderer_id, expires_before, cleanup), UPDATE (name, shared), DELETE
    ON saved_searches TO kortportal_app;
GRANT SELECT, INSERT (company_id, person_id, search_id), UPDATE (search_id), DELETE ON start_searches TO kortportal_app;
GRANT SELECT ON usable_searches TO kortportal_app;

COMMIT;
