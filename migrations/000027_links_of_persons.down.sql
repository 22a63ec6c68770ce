BEGIN;
CREATE OR REPLACE FUNCTION link_refusal(l links, p_purpose text) RETURNS text
LANGUAGE plpgsql STABLE AS
$$
BEGIN
    IF l.purpose <> p_purpose THEN
        RETURN 'links_other_purpose';
    END IF;
    IF EXISTS (SELECT FROM links x WHERE x.person_id = l.person_id AND x.purpose = l.purpose AND x.message_id = l.message_id AND x.used_at IS NOT NULL) THEN
        RETURN 'links_used_once';
    END IF;
    IF EXISTS (SELECT FROM links x WHERE x.person_id = l.person_id AND x.purpose = l.purpose AND x.message_id > l.message_id
                                     AND x.card_id IS NOT DISTINCT FROM l.card_id) THEN
        RETURN 'links_newest';
    END IF;
    IF l.expires_at <= clock_now() THEN
        RETURN 'links_not_expired';
    END IF;
    RETURN NULL;
END
$$;
DROP FUNCTION known_elsewhere;
COMMIT;
