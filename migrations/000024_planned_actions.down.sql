BEGIN;
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
        IF p_role = 'orderer' AND c.orderer_id IS DISTINCT FROM p_actor AND NOT acts_for(c.company_id, c.orderer_id, p_actor) THEN
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

DROP TRIGGER card_events_1_due ON card_events;
DROP TRIGGER card_events_2_judge_grace ON card_events;
DROP TRIGGER card_events_5_overtake ON card_events;
DROP FUNCTION withdraw_plan, plan_action, plan_refusal, planned_status, settle_card, card_events_overtake, card_events_grace, card_events_due;
DROP TABLE planned_actions;
DROP FUNCTION planned_actions_keep;
DROP TABLE grace_changes;
DROP FUNCTION grace_changes_apply;
ALTER TABLE companies DROP COLUMN grace_hours;
-- Where history has such events the foreign keys refuse the way back: history is not rewritten.
DELETE FROM card_reasons WHERE NOT offered;
ALTER TABLE card_reasons DROP COLUMN offered;
DELETE FROM card_permissions p USING card_actions a WHERE a.action = p.action AND a.plannable AND p.role = 'system';
ALTER TABLE card_actions DROP COLUMN plannable;
COMMIT;
