BEGIN;
DROP FUNCTION activate_card;
CREATE FUNCTION activate_card(p_card bigint, p_version integer, p_actor bigint, p_key_id bigint, p_ciphertext bytea)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c cards;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.person_id = p_actor;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO card_pins (card_id, key_id, ciphertext) VALUES (c.id, p_key_id, p_ciphertext) ON CONFLICT DO NOTHING;
    INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
    SELECT c.id, p_version + 1, c.company_id, c.kind, 'activate', c.status, coalesce(t.to_status, c.status), p_actor, 'holder'
    FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = 'activate' AND t.from_status = c.status;
    RETURN p_version + 1;
END
$$;
COMMENT ON FUNCTION activate_card IS
    'The holder activates an own card: stores its PIN and appends the event; the older card of the same person and company ends with it. '
    'Returns the new version; null when the person has no such card.';
REVOKE EXECUTE ON FUNCTION activate_card FROM PUBLIC;
GRANT EXECUTE ON FUNCTION activate_card TO kortportal_app;
DROP TABLE activation_tries;
COMMIT;
