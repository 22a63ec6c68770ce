BEGIN;
DROP TRIGGER card_events_4_pin ON card_events;
DROP FUNCTION view_pin, card_events_pin, activate_card;
DROP TABLE pin_views, card_pins;
COMMIT;
