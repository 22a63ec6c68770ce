BEGIN;
CREATE OR REPLACE FUNCTION persons_rename_cards() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    UPDATE cards
    SET sort_key  = CASE WHEN number IS NULL THEN NEW.name_key ELSE sort_key END,
        other_key = CASE WHEN number IS NOT NULL AND sort_key <> NEW.name_key THEN NEW.name_key END
    WHERE person_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION produce_card(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_number text, p_chip_uid text, p_valid_to date)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c cards;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.company_id = p_company FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF c.number IS NULL THEN
        UPDATE cards x
        SET number = p_number, chip_uid = p_chip_uid, valid_to = p_valid_to,
            printed_given_name = p.given_name, printed_family_name = p.family_name,
            printed_company = co.name, printed_org_number = co.org_number
        FROM companies co LEFT JOIN persons p ON p.id = c.person_id
        WHERE x.id = c.id AND co.id = c.company_id;
    END IF;
    INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
    SELECT c.id, p_version + 1, c.company_id, c.kind, 'produce', c.status, coalesce(t.to_status, c.status), p_actor, 'issuer'
    FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = 'produce' AND t.from_status = c.status;
    RETURN p_version + 1;
END
$$;

CREATE OR REPLACE FUNCTION card_events_apply() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NEW.action = 'activate' THEN
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_role, reason)
        SELECT o.id, o.version + 1, o.company_id, o.kind, t.action, t.from_status, t.to_status, 'system', 'superseded'
        FROM cards c
        JOIN cards o ON o.company_id = c.company_id AND o.person_id = c.person_id AND o.kind = c.kind AND o.id < c.id
        JOIN card_transitions t ON t.kind = o.kind AND t.action = 'supersede' AND t.from_status = o.status
        WHERE c.id = NEW.card_id;
    END IF;
    UPDATE cards
    SET status = NEW.to_status, version = NEW.seq, orderer_id = coalesce(NEW.successor_id, orderer_id)
    WHERE id = NEW.card_id;
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
    RETURN NULL;
END
$$;

DROP VIEW current_orders;
DROP TABLE card_orders;
DROP FUNCTION card_orders_judge, card_orders_keep;
DROP TABLE pictures;
COMMENT ON COLUMN cards.printed_given_name IS 'printed_*: what stands on the card, as it was at production; a later change does not touch it.';
COMMIT;
