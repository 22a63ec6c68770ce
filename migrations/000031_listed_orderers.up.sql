-- The orderers of a company in the order of its lists, so that a page with the largest company's sixty reads one index instead of looking for each
-- person. A projection of memberships and persons, kept in their transactions.
BEGIN;

CREATE TABLE listed_orderers (
    company_id  bigint NOT NULL CONSTRAINT listed_orderers_company REFERENCES companies,
    person_id   bigint NOT NULL CONSTRAINT listed_orderers_person REFERENCES persons,
    former      boolean NOT NULL,
    name_key    text COLLATE "C" NOT NULL,
    given_name  text NOT NULL,
    family_name text NOT NULL,
    CONSTRAINT listed_orderers_pkey PRIMARY KEY (person_id, company_id)
);
CREATE INDEX listed_orderers_in_order ON listed_orderers (company_id, former, name_key, person_id) INCLUDE (given_name, family_name);
COMMENT ON TABLE listed_orderers IS 'The orderers of each company as its lists name them; derived from memberships and persons.';
COMMENT ON COLUMN listed_orderers.former IS 'Is no orderer of the company any more.';
COMMENT ON COLUMN listed_orderers.name_key IS 'persons.name_key';
GRANT SELECT ON listed_orderers TO kortportal_app;

CREATE FUNCTION memberships_list_orderers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    -- A name that is being changed is waited for; one that will be waits and finds the row. First of all, or the two could wait for each other.
    PERFORM FROM persons p WHERE p.id IN (OLD.person_id, NEW.person_id) ORDER BY p.id FOR SHARE;
    IF OLD.role = 'orderer' THEN
        DELETE FROM listed_orderers o WHERE o.company_id = OLD.company_id AND o.person_id = OLD.person_id;
    END IF;
    IF NEW.role = 'orderer' THEN
        INSERT INTO listed_orderers (company_id, person_id, former, name_key, given_name, family_name)
        SELECT NEW.company_id, p.id, NEW.ended_at IS NOT NULL, p.name_key, p.given_name, p.family_name
        FROM persons p WHERE p.id = NEW.person_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER memberships_list_orderers AFTER INSERT OR UPDATE OR DELETE ON memberships FOR EACH ROW EXECUTE FUNCTION memberships_list_orderers();
ALTER TABLE memberships ENABLE ALWAYS TRIGGER memberships_list_orderers;

CREATE FUNCTION persons_list_orderers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    UPDATE listed_orderers o SET name_key = NEW.name_key, given_name = NEW.given_name, family_name = NEW.family_name WHERE o.person_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER persons_list_orderers AFTER UPDATE OF given_name, family_name ON persons FOR EACH ROW EXECUTE FUNCTION persons_list_orderers();
ALTER TABLE persons ENABLE ALWAYS TRIGGER persons_list_orderers;
REVOKE EXECUTE ON FUNCTION memberships_list_orderers, persons_list_orderers FROM PUBLIC;

INSERT INTO listed_orderers (company_id, person_id, former, name_key, given_name, family_name)
SELECT m.company_id, p.id, m.ended_at IS NOT NULL, p.name_key, p.given_name, p.family_name
FROM memberships m JOIN persons p ON p.id = m.person_id
WHERE m.role = 'orderer';

COMMIT;
