-- Where the bytes of a picture are is one thing, who may see it and when it goes another. A row of pictures is there before its bytes and outlives
-- them: the key leads to them, wherever they are, and goes only when they have gone. The column jpeg is the place that comes with the portal, and
-- nothing but the two functions that fill and empty it looks at it any more. The last release writes bytes and row at once, as before.
BEGIN;

ALTER TABLE pictures ADD COLUMN key uuid, ADD COLUMN there boolean NOT NULL DEFAULT true;
ALTER TABLE pictures DROP CONSTRAINT pictures_deleted;
UPDATE pictures SET key = CASE WHEN deleted_at IS NULL THEN gen_random_uuid() END, there = deleted_at IS NULL;
ALTER TABLE pictures ALTER COLUMN key SET DEFAULT gen_random_uuid(),
    ADD CONSTRAINT pictures_key_unique UNIQUE (key),
    ADD CONSTRAINT pictures_deleted CHECK (NOT there OR deleted_at IS NULL),
    ADD CONSTRAINT pictures_keyed CHECK (key IS NOT NULL OR deleted_at IS NOT NULL AND jpeg IS NULL);
COMMENT ON COLUMN pictures.key IS 'By what its bytes are found where pictures are kept; null once they are deleted there.';
COMMENT ON COLUMN pictures.there IS
    'Whether it can be seen: not yet while its bytes are on their way, and no more once its time was out. The default is for rows that come with their bytes.';
COMMENT ON COLUMN pictures.jpeg IS 'The bytes, upright and scaled, where the database is the place of pictures; null where they are elsewhere, and once they are deleted.';
COMMENT ON COLUMN pictures.deleted_at IS 'When its time was out and its bytes were to be deleted; that there was one is kept.';

DROP INDEX pictures_there;
CREATE INDEX pictures_there ON pictures (id) WHERE deleted_at IS NULL;
CREATE INDEX pictures_to_forget ON pictures (deleted_at) WHERE deleted_at IS NOT NULL AND key IS NOT NULL;

CREATE FUNCTION put_jpeg(p_key uuid, p_jpeg bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    UPDATE pictures SET jpeg = p_jpeg WHERE key = p_key AND NOT there AND deleted_at IS NULL;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION put_jpeg IS 'Puts the bytes of a picture that is not there yet into the database; false when there is no such picture.';

CREATE FUNCTION forget_jpegs(p_keys uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ UPDATE pictures SET jpeg = NULL WHERE key = ANY (p_keys) AND deleted_at IS NOT NULL $$;
COMMENT ON FUNCTION forget_jpegs IS 'Deletes the bytes of pictures whose time is out from the database, and of no others.';

CREATE FUNCTION picture_arrived(p_picture bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    UPDATE pictures SET there = true WHERE id = p_picture AND NOT there AND deleted_at IS NULL;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION picture_arrived IS 'The bytes of a picture are where they belong: from now on it can be seen. False when it was there already, or its time was out.';

CREATE FUNCTION pictures_forgotten(p_keys uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ UPDATE pictures SET key = NULL WHERE key = ANY (p_keys) AND deleted_at IS NOT NULL $$;
COMMENT ON FUNCTION pictures_forgotten IS 'The bytes of these pictures are deleted where they were: nothing leads to them any more.';

CREATE OR REPLACE VIEW pictures_kept AS
SELECT p.id, greatest(
    p.created_at + (SELECT retention('upload')),
    (SELECT max(CASE
                    WHEN corrected.at IS NOT NULL THEN corrected.at + (SELECT retention('corrected_photo'))
                    WHEN EXISTS (SELECT FROM claims x WHERE x.card_id = c.id AND x.accepted IS NULL) THEN 'infinity'
                    ELSE coalesce(least((c.valid_to + 1)::timestamp AT TIME ZONE 'Europe/Stockholm', ended.at), 'infinity')
                         + CASE WHEN c.status = 'cancelled' THEN (SELECT retention('cancelled_photo')) ELSE (SELECT retention('card_photo')) END
                END)
     FROM card_orders o
     JOIN cards c ON c.id = o.card_id
     JOIN card_statuses s ON s.status = c.status
     LEFT JOIN LATERAL (
         SELECT e.occurred_at AS at FROM card_orders n JOIN card_events e ON e.card_id = n.card_id AND e.seq = n.seq
         WHERE n.card_id = o.card_id AND n.seq > o.seq ORDER BY n.seq LIMIT 1) corrected ON true
     LEFT JOIN LATERAL (
         SELECT e.occurred_at AS at FROM card_events e
         WHERE s.final AND e.card_id = c.id AND e.from_status <> e.to_status ORDER BY e.seq DESC LIMIT 1) ended ON true
     WHERE o.photo_id = p.id),
    (SELECT max(coalesce(x.decided_at, 'infinity') + (SELECT retention('claim_picture'))) FROM claims x WHERE x.picture_id = p.id)) AS until
FROM pictures p
WHERE p.deleted_at IS NULL;

CREATE OR REPLACE FUNCTION forget_pictures(p_after bigint, p_limit integer, OUT last bigint, OUT forgotten integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    ids bigint[];
BEGIN
    SELECT max(x.id) INTO last FROM (SELECT p.id FROM pictures p WHERE p.deleted_at IS NULL AND p.id > p_after ORDER BY p.id LIMIT p_limit) x;
    -- An order on its way with the picture holds it by its foreign key: the picture is passed over.
    ids := ARRAY(
        SELECT p.id FROM pictures p JOIN pictures_kept k ON k.id = p.id
        WHERE p.deleted_at IS NULL AND p.id > p_after AND p.id <= last AND k.until <= clock_now()
        ORDER BY p.id FOR UPDATE OF p SKIP LOCKED);
    -- Looked at again with the lock held: an order may have come between the look and the lock. Later
    -- ones wait, and hear that it is gone.
    UPDATE pictures p SET there = false, deleted_at = clock_now()
    FROM pictures_kept k
    WHERE p.id = ANY (ids) AND k.id = p.id AND k.until <= clock_now();
    GET DIAGNOSTICS forgotten = ROW_COUNT;
END
$$;
COMMENT ON FUNCTION forget_pictures IS
    'Ends those of the next pictures after p_after, at most so many, whose time is out by pictures_kept: nobody sees them from now on, and by their '
    'key their bytes are to be deleted. last: where the next call goes on; null when none was left. forgotten: how many ended.';

CREATE OR REPLACE FUNCTION card_orders_photo() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    IF NOT EXISTS (SELECT FROM pictures p WHERE p.id = NEW.photo_id AND p.there) THEN
        RAISE EXCEPTION 'the photo was deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_orders_photo_there', TABLE = 'card_orders', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION card_guard(c cards, p_action text, p_actor bigint, p_role text) RETURNS text
LANGUAGE plpgsql STABLE AS
$$
BEGIN
    CASE p_role
    WHEN 'orderer', 'administrator' THEN
        IF NOT EXISTS (SELECT FROM memberships m
                       WHERE m.company_id = c.company_id AND m.person_id = p_actor AND m.role = p_role AND m.ended_at IS NULL) THEN
            RETURN 'card_events_member';
        END IF;
        IF p_role = 'orderer' AND c.orderer_id IS DISTINCT FROM p_actor THEN
            RETURN 'card_events_responsible_orderer';
        END IF;
    WHEN 'holder' THEN
        IF c.person_id IS DISTINCT FROM p_actor THEN
            RETURN 'card_events_own_card';
        END IF;
    WHEN 'issuer' THEN
        IF NOT EXISTS (SELECT FROM issuer_staff i WHERE i.person_id = p_actor AND i.ended_at IS NULL) THEN
            RETURN 'card_events_member';
        END IF;
    ELSE
        NULL;
    END CASE;

    IF p_action IN ('activate', 'unblock') THEN
        IF c.valid_to < today() THEN
            RETURN 'card_events_not_expired';
        END IF;
        IF EXISTS (SELECT FROM cards n
                   WHERE n.company_id = c.company_id AND n.person_id = c.person_id AND n.status = 'active' AND n.id > c.id) THEN
            RETURN 'card_events_no_newer_active';
        END IF;
    END IF;
    IF p_action = 'review' AND c.kind = 'standard' AND NOT EXISTS (
        SELECT FROM current_orders o JOIN pictures p ON p.id = o.photo_id WHERE o.card_id = c.id AND p.there) THEN
        RETURN 'card_events_photo_to_review';
    END IF;
    RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION put_jpeg, forget_jpegs, picture_arrived, pictures_forgotten FROM PUBLIC;
GRANT EXECUTE ON FUNCTION put_jpeg, forget_jpegs, picture_arrived, pictures_forgotten TO kortportal_app;
GRANT INSERT (there) ON pictures TO kortportal_app;

COMMIT;
