BEGIN;
ALTER TABLE cards DROP CONSTRAINT cards_status_of_last_event;
DROP FUNCTION produce_card, card_refusal, card_guard;
DROP TABLE card_events, cards, card_reasons, card_permissions, card_transitions, card_actions, card_waits, card_kinds, card_statuses;
DROP FUNCTION cards_freeze, cards_derive, card_events_keep, card_events_apply, card_events_judge, card_events_before_insert;
COMMIT;
