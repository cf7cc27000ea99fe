-- Run once, when the database's container makes a new cluster (see compose.yaml): the site's own role and database.
-- The role owns its database, so that it can make and change tables. It is no superuser, makes no roles and no databases, and reaches no other database.
\set ON_ERROR_STOP on
\getenv password SITE_DATABASE_PASSWORD
CREATE ROLE prescreen LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE prescreen OWNER prescreen;
REVOKE ALL ON DATABASE prescreen, postgres, template1 FROM PUBLIC;
