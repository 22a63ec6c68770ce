BEGIN;
DROP TRIGGER persons_index_orderer_names ON persons;
DROP TRIGGER memberships_index_names ON memberships;
DROP TRIGGER persons_rename_cards ON persons;
DROP TRIGGER cards_index_names ON cards;
DROP FUNCTION orderers_index_names, persons_rename_cards, cards_index_names;
DROP TABLE orderer_names, card_names;
COMMIT;
