-- Bytes that are elsewhere than in the database are not brought back: their pictures count as deleted.
BEGIN;
REVOKE INSERT (there) ON pictures FROM kortportal_app;
CREATE OR REPLACE FUNCTION card_orders_photo() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    IF NOT EXISTS (SELECT FROM pictures p WHERE p.id = NEW.photo_id AND p.jpeg IS NOT NULL) THEN
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
        SELECT FROM current_orders o JOIN pictures p ON p.id = o.photo_id WHERE o.card_id = c.id AND p.jpeg IS NOT NULL) THEN
        RETURN 'card_events_photo_to_review';
    END IF;
    RETURN NULL;
END
$$;
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
WHERE p.jpeg IS NOT NULL;
CREATE OR REPLACE FUNCTION forget_pictures(p_after bigint, p_limit integer, OUT last bigint, OUT forgotten integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    ids bigint[];
BEGIN
    SELECT max(x.id) INTO last FROM (SELECT p.id FROM pictures p WHERE p.jpeg IS NOT NULL AND p.id > p_after ORDER BY p.id LIMIT p_limit) x;
    -- An order on its way with the picture holds it by its foreign key: the picture is passed over.
    ids := ARRAY(
        SELECT p.id FROM pictures p JOIN pictures_kept k ON k.id = p.id
        WHERE p.jpeg IS NOT NULL AND p.id > p_after AND p.id <= last AND k.until <= clock_now()
        ORDER BY p.id FOR UPDATE OF p SKIP LOCKED);
    -- Looked at again with the lock held: an order may have come between the look and the lock. Later
    -- ones wait, and hear that it is gone.
    UPDATE pictures p SET jpeg = NULL, deleted_at = clock_now()
    FROM pictures_kept k
    WHERE p.id = ANY (ids) AND k.id = p.id AND k.until <= clock_now();
    GET DIAGNOSTICS forgotten = ROW_COUNT;
END
$$;
COMMENT ON FUNCTION forget_pictures IS
    'Deletes those of the next pictures after p_after, at most so many, whose time is out by pictures_kept. last: where the next call goes on; '
    'null when none was left. forgotten: how many were deleted.';
DROP FUNCTION put_jpeg, forget_jpegs, picture_arrived, pictures_forgotten;
DROP INDEX pictures_there, pictures_to_forget;
ALTER TABLE pictures DROP CONSTRAINT pictures_deleted, DROP CONSTRAINT pictures_keyed;
UPDATE pictures SET jpeg = NULL, deleted_at = coalesce(deleted_at, clock_now()) WHERE jpeg IS NULL OR NOT there;
ALTER TABLE pictures DROP COLUMN key, DROP COLUMN there, ADD CONSTRAINT pictures_deleted CHECK ((jpeg IS NULL) = (deleted_at IS NOT NULL));
CREATE INDEX pictures_there ON pictures (id) WHERE jpeg IS NOT NULL;
COMMENT ON COLUMN pictures.jpeg IS 'As JPEG, upright and scaled; null once it was deleted because its time was out.';
COMMENT ON COLUMN pictures.deleted_at IS 'When the picture itself was deleted; that there was one is kept.';
COMMIT;
