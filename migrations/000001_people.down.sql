BEGIN;
DROP TABLE issuer_staff, memberships, persons, companies, roles;
DROP FUNCTION key_words, fold_key, name_key, today, clock_now;
DROP TABLE clock;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
REVOKE USAGE ON SCHEMA public FROM kortportal_app;
GRANT USAGE ON SCHEMA public TO PUBLIC;
DO $$
BEGIN
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM kortportal_app', current_database());
    EXECUTE format('GRANT TEMPORARY, CONNECT ON DATABASE %I TO PUBLIC', current_database());
END
$$;
COMMIT;
