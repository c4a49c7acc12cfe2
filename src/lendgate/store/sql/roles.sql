-- The two roles, made once by a superuser (or a managed database's administrator). Idempotent.
--   lendgate_owner    owns the tables and runs the migrations; it serves no request.
--   lendgate_service  what the service connects as: no DDL, no way around row-level security, and on the
--                     audit trail only what its functions do.
-- On a managed database run this file, give both roles a password (ALTER ROLE … PASSWORD …), create the
-- database with OWNER lendgate_owner, and keep the owner's URL away from the service.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lendgate_owner') THEN
        CREATE ROLE lendgate_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lendgate_service') THEN
        CREATE ROLE lendgate_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
END
$$;
