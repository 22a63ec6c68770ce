BEGIN;
DROP TRIGGER memberships_list_orderers ON memberships;
DROP TRIGGER persons_list_orderers ON persons;
DROP FUNCTION memberships_list_orderers, persons_list_orderers;
DROP TABLE listed_orderers;
COMMIT;
