BEGIN;
DROP TRIGGER sessions_stay_ended ON sessions;
DROP FUNCTION sessions_stay_ended;
COMMIT;
