-- Finding cards by name: one row for each word of a card's names, in an order that one btree serves.
--
-- A search by a word is a range over (word, sort_key, card_id): prefix, order and page in one. Words that carry å, ä or ö
-- stand once more in folded form behind a ~, after all others. sort_key carries the whole name, so that further words
-- are tested without a look at the card. The rows are derived from cards by trigger, in the same transaction.
BEGIN;

CREATE TABLE card_names (
    company_id bigint NOT NULL,
    word       text   COLLATE "C" NOT NULL,
    sort_key   text   COLLATE "C" NOT NULL,
    card_id    bigint NOT NULL,
    CONSTRAINT card_names_pkey PRIMARY KEY (company_id, word, sort_key, card_id)
) WITH (autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_insert_scale_factor = 0.02);
COMMENT ON TABLE card_names IS 'The words by which cards are found; derived from cards.sort_key and cards.other_key.';
COMMENT ON COLUMN card_names.word IS 'A word of the name''s key, or ~ and the word without its å, ä and ö.';
COMMENT ON COLUMN card_names.sort_key IS 'The key of the whole name that the word is of.';
CREATE INDEX card_names_by_word ON card_names (word, sort_key, card_id);
ALTER TABLE card_names ALTER COLUMN word SET STATISTICS 1000, ALTER COLUMN company_id SET STATISTICS 1000;

CREATE FUNCTION cards_index_names() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM card_names n
        USING unnest(ARRAY[OLD.sort_key, OLD.other_key]) k, key_words(k) w
        WHERE n.company_id = OLD.company_id AND n.word = w AND n.sort_key = k AND n.card_id = OLD.id;
    END IF;
    INSERT INTO card_names (company_id, word, sort_key, card_id)
    SELECT NEW.company_id, w, k, NEW.id FROM unnest(ARRAY[NEW.sort_key, NEW.other_key]) k, key_words(k) w;
    RETURN NULL;
END
$$;
CREATE TRIGGER cards_index_names AFTER INSERT OR UPDATE OF sort_key, other_key ON cards FOR EACH ROW EXECUTE FUNCTION cards_index_names();
ALTER TABLE cards ENABLE ALWAYS TRIGGER cards_index_names;

-- A person's new name: cards not yet made show it; those already made keep what is printed and are found by both.
CREATE FUNCTION persons_rename_cards() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    UPDATE cards
    SET sort_key  = CASE WHEN number IS NULL THEN NEW.name_key ELSE sort_key END,
        other_key = CASE WHEN number IS NOT NULL AND sort_key <> NEW.name_key THEN NEW.name_key END
    WHERE person_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER persons_rename_cards AFTER UPDATE OF given_name, family_name ON persons FOR EACH ROW
    WHEN (OLD.name_key IS DISTINCT FROM NEW.name_key) EXECUTE FUNCTION persons_rename_cards();

-- An orderer is found by name as well. A company has few, so its own are looked through; across companies this is the way in.
CREATE TABLE orderer_names (
    word       text   COLLATE "C" NOT NULL,
    person_id  bigint NOT NULL CONSTRAINT orderer_names_person REFERENCES persons,
    CONSTRAINT orderer_names_pkey PRIMARY KEY (word, person_id)
);
COMMENT ON TABLE orderer_names IS 'The words by which orderers are found across companies; derived from memberships and persons.';
COMMENT ON COLUMN orderer_names.word IS 'As in card_names.';

CREATE FUNCTION orderers_index_names() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    p bigint := CASE WHEN TG_TABLE_NAME = 'persons' THEN (to_jsonb(NEW) ->> 'id')::bigint ELSE (to_jsonb(NEW) ->> 'person_id')::bigint END;
BEGIN
    DELETE FROM orderer_names n WHERE n.person_id = p AND n.word IN (
        SELECT w FROM key_words(CASE WHEN TG_TABLE_NAME = 'persons' THEN to_jsonb(OLD) ->> 'name_key' END) w);
    INSERT INTO orderer_names (word, person_id)
    SELECT w, p FROM persons x, key_words(x.name_key) w
    WHERE x.id = p AND EXISTS (SELECT FROM memberships m WHERE m.person_id = p AND m.role = 'orderer')
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER memberships_index_names AFTER INSERT ON memberships FOR EACH ROW
    WHEN (NEW.role = 'orderer') EXECUTE FUNCTION orderers_index_names();
CREATE TRIGGER persons_index_orderer_names AFTER UPDATE OF given_name, family_name ON persons FOR EACH ROW
    WHEN (OLD.name_key IS DISTINCT FROM NEW.name_key) EXECUTE FUNCTION orderers_index_names();

REVOKE EXECUTE ON FUNCTION cards_index_names, persons_rename_cards, orderers_index_names FROM PUBLIC;
GRANT SELECT ON card_names, orderer_names TO kortportal_app;

COMMIT;
