BEGIN;
CREATE OR REPLACE VIEW live_sessions AS
SELECT s.token_hash, s.data, s.person_id, s.created_at, s.last_seen_at, s.version, n.now
FROM sessions s
CROSS JOIN (SELECT clock_now() AS now OFFSET 0) n
WHERE s.ended_at IS NULL
  AND s.last_seen_at > n.now - interval '60 minutes'
  AND s.created_at > n.now - interval '12 hours';
DROP TRIGGER cards_make_holder ON cards;
DROP TRIGGER companies_standing ON companies;
DROP TRIGGER persons_standing ON persons;
DROP TRIGGER issuer_staff_standing ON issuer_staff;
DROP TRIGGER memberships_standing ON memberships;
DROP TRIGGER logins_take_standing ON logins;
DROP FUNCTION cards_make_holder, logins_follow_standing, logins_take_standing, person_standing;
ALTER TABLE logins DROP COLUMN standing;
COMMIT;
