-- A link makes the log-in of a person, and the log-in opens all companies' doors. So whoever reads the mails to an address that one company typed
-- does not become the person of another company by it; and a link ends with what it was sent for.
BEGIN;

CREATE FUNCTION known_elsewhere(p_person bigint, p_company bigint, p_email text) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$
DECLARE
    here timestamptz := least(
        (SELECT min(m.since) FROM memberships m WHERE m.person_id = p_person AND m.company_id = p_company AND m.ended_at IS NULL),
        (SELECT min(c.created_at) FROM cards c WHERE c.person_id = p_person AND c.company_id = p_company
                                                 AND c.status NOT IN (SELECT s.status FROM card_statuses s WHERE s.final)));
BEGIN
    RETURN EXISTS (SELECT FROM issuer_staff i WHERE i.person_id = p_person AND i.ended_at IS NULL)
        OR EXISTS (
            SELECT FROM (
                SELECT m.company_id, m.since FROM memberships m WHERE m.person_id = p_person AND m.ended_at IS NULL
                UNION ALL
                SELECT c.company_id, c.created_at FROM cards c
                WHERE c.person_id = p_person AND c.status NOT IN (SELECT s.status FROM card_statuses s WHERE s.final)) k
            WHERE k.company_id <> p_company AND k.since < coalesce(here, 'infinity')
              AND NOT EXISTS (SELECT FROM messages m WHERE m.person_id = p_person AND m.company_id = k.company_id AND m.email = p_email)
              AND NOT EXISTS (SELECT FROM cards c JOIN card_orders o ON o.card_id = c.id
                              WHERE c.person_id = p_person AND c.company_id = k.company_id AND o.email = p_email));
END
$$;
COMMENT ON FUNCTION known_elsewhere IS
    'Whether a person has worked for another company, or had a card of it, for longer, and that company does not know this address as the person''s; '
    'or is of the issuer''s staff. The company that has known a person longest is believed.';

-- As before; and the later link must be of the same company, and what the link was sent for still so.
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
                                     AND x.card_id IS NOT DISTINCT FROM l.card_id AND x.company_id IS NOT DISTINCT FROM l.company_id) THEN
        RETURN 'links_newest';
    END IF;
    IF l.expires_at <= clock_now() THEN
        RETURN 'links_not_expired';
    END IF;
    IF l.purpose IN ('invite', 'approve') AND NOT EXISTS (SELECT FROM logins g WHERE g.person_id = l.person_id) THEN
        IF l.purpose = 'invite' AND l.company_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM memberships m WHERE m.company_id = l.company_id AND m.person_id = l.person_id AND m.ended_at IS NULL)
           OR EXISTS (SELECT FROM cards c JOIN card_statuses s ON s.status = c.status WHERE c.id = l.card_id AND s.final) THEN
            RETURN 'links_still_meant';
        END IF;
        -- Of no company are the operator's own invitations.
        IF l.company_id IS NOT NULL AND known_elsewhere(l.person_id, l.company_id, l.email) THEN
            RETURN 'links_known_elsewhere';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION known_elsewhere FROM PUBLIC;
GRANT EXECUTE ON FUNCTION known_elsewhere TO kortportal_app;

COMMIT;
