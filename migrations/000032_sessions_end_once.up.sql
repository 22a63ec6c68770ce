BEGIN;

-- Said of sessions since migration 1, and until now kept by the statements of the store alone.

CREATE FUNCTION sessions_stay_ended() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    RAISE EXCEPTION 'a session that has ended stays as it is'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'sessions_end_once', TABLE = 'sessions', SCHEMA = 'public';
END
$$;
COMMENT ON FUNCTION sessions_stay_ended IS 'Refuses to change a session that has ended: nobody logs in by reviving one.';
CREATE TRIGGER sessions_stay_ended BEFORE UPDATE ON sessions FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION sessions_stay_ended();
ALTER TABLE sessions ENABLE ALWAYS TRIGGER sessions_stay_ended;

REVOKE EXECUTE ON FUNCTION sessions_stay_ended FROM PUBLIC;

COMMIT;
