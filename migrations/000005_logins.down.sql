BEGIN;
DROP VIEW live_sessions;
DROP TABLE issuer_looks, login_devices, login_throttles, sessions, logins;
COMMIT;
