-- What every request asks of a person (name, companies, roles) stands ready in one row, because finding it in five tables cost as much as
-- the page. It is derived in the transaction that changes any of them: a role that ends is gone with the next request.
BEGIN;

CREATE FUNCTION person_standing(p_person bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS
$$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'name', p.given_name || ' ' || p.family_name,
            'memberships', (
                SELECT jsonb_agg(jsonb_build_object('company', co.id, 'name', co.name, 'role', m.role) ORDER BY co.name, co.id, m.role)
                FROM memberships m JOIN companies co ON co.id = m.company_id
                WHERE m.person_id = p.id AND m.ended_at IS NULL),
            'issuer', EXISTS (SELECT FROM issuer_staff i WHERE i.person_id = p.id AND i.ended_at IS NULL),
            'holder', EXISTS (SELECT FROM cards c WHERE c.person_id = p.id))
        FROM persons p
        WHERE p.id = p_person);
END
$$;
COMMENT ON FUNCTION person_standing IS 'Name, roles in companies, and whether issuer or holder: what a person may be in the portal now.';

ALTER TABLE logins ADD COLUMN standing jsonb;
COMMENT ON COLUMN logins.standing IS 'person_standing, kept as it is now by triggers on what it is made from.';
UPDATE logins SET standing = person_standing(person_id);
ALTER TABLE logins ALTER COLUMN standing SET NOT NULL;

-- A new login waits for whatever is under way with its person, and what comes later finds the login.
CREATE FUNCTION logins_take_standing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    PERFORM FROM persons p WHERE p.id = NEW.person_id FOR UPDATE;
    NEW.standing := coalesce(person_standing(NEW.person_id), '{}'); -- without a person the foreign key refuses
    RETURN NEW;
END
$$;
CREATE TRIGGER logins_take_standing BEFORE INSERT ON logins FOR EACH ROW EXECUTE FUNCTION logins_take_standing();
ALTER TABLE logins ENABLE ALWAYS TRIGGER logins_take_standing;

-- First the lock, then a look with a snapshot taken after it: of two changes at once the later one sees both.
CREATE FUNCTION logins_follow_standing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    whom bigint[];
BEGIN
    IF TG_TABLE_NAME = 'companies' THEN
        whom := ARRAY(SELECT DISTINCT m.person_id FROM memberships m WHERE m.company_id = NEW.id AND m.ended_at IS NULL);
    ELSIF TG_TABLE_NAME = 'persons' THEN
        whom := ARRAY[NEW.id];
    ELSE
        whom := ARRAY[coalesce(NEW.person_id, OLD.person_id)];
    END IF;
    PERFORM FROM logins l WHERE l.person_id = ANY (whom) ORDER BY l.person_id FOR UPDATE;
    UPDATE logins l SET standing = person_standing(l.person_id) WHERE l.person_id = ANY (whom);
    RETURN NULL;
END
$$;
CREATE TRIGGER memberships_standing AFTER INSERT OR UPDATE OR DELETE ON memberships FOR EACH ROW EXECUTE FUNCTION logins_follow_standing();
CREATE TRIGGER issuer_staff_standing AFTER INSERT OR UPDATE OR DELETE ON issuer_staff FOR EACH ROW EXECUTE FUNCTION logins_follow_standing();
CREATE TRIGGER persons_standing AFTER UPDATE OF given_name, family_name ON persons FOR EACH ROW EXECUTE FUNCTION logins_follow_standing();
CREATE TRIGGER companies_standing AFTER UPDATE OF name ON companies FOR EACH ROW EXECUTE FUNCTION logins_follow_standing();
ALTER TABLE memberships ENABLE ALWAYS TRIGGER memberships_standing;
ALTER TABLE issuer_staff ENABLE ALWAYS TRIGGER issuer_staff_standing;
ALTER TABLE persons ENABLE ALWAYS TRIGGER persons_standing;
ALTER TABLE companies ENABLE ALWAYS TRIGGER companies_standing;

-- The first card makes a holder, and nobody stops being one.
CREATE FUNCTION cards_make_holder() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    UPDATE logins l SET standing = l.standing || '{"holder": true}'
    WHERE l.person_id = NEW.person_id AND NOT (l.standing ->> 'holder')::boolean;
    RETURN NULL;
END
$$;
CREATE TRIGGER cards_make_holder AFTER INSERT ON cards FOR EACH ROW WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION cards_make_holder();
ALTER TABLE cards ENABLE ALWAYS TRIGGER cards_make_holder;

-- The clock's own row: calling clock_now cost as much as the session itself.
CREATE OR REPLACE VIEW live_sessions AS
SELECT s.token_hash, s.data, s.person_id, s.created_at, s.last_seen_at, s.version, n.now
FROM sessions s
CROSS JOIN (SELECT now() + c.moved_by AS now FROM clock c) n
WHERE s.ended_at IS NULL
  AND s.last_seen_at > n.now - interval '60 minutes'
  AND s.created_at > n.now - interval '12 hours';

REVOKE EXECUTE ON FUNCTION person_standing, logins_take_standing, logins_follow_standing, cards_make_holder FROM PUBLIC;

COMMIT;
