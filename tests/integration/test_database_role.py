"""The database role that the site has in containers, on a real PostgreSQL server: enough to run the site, and not enough to leave its database."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import errors

from . import clusters
from .clusters import Cluster
from .processes import ROOT, environment, make_small, manage

pytestmark = [pytest.mark.own_database, pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here")]

PASSWORD = "o'brien and 31 letters"
"""With a quote, which no statement may take for its own."""

BACKUP_DOCS = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
NOT_ALLOWED = {
    "run a program": "COPY trials_site FROM PROGRAM 'id'",
    "send rows to a program": "COPY trials_site TO PROGRAM 'cat'",
    "read a file of the server": "COPY trials_site FROM '/etc/passwd'",
    "read a file by a function": "SELECT pg_read_file('/etc/passwd')",
    "write a file": "SELECT lo_export(lo_from_bytea(0, 'x'), '/dev/null')",
    "become a superuser": "ALTER ROLE prescreen SUPERUSER",
    "act as a superuser": "SET ROLE postgres",
    "join those who run programs": "GRANT pg_execute_server_program TO prescreen",
    "make roles": "CREATE ROLE other",
    "make databases": "CREATE DATABASE other",
    "load a library": "LOAD '/tmp/x.so'",
    "make functions of a library": "CREATE FUNCTION x() RETURNS int LANGUAGE c AS '/tmp/x.so'",
    "change the server's settings": "ALTER SYSTEM SET archive_command = 'id'",
    "read the passwords of roles": "SELECT rolpassword FROM pg_authid",
}


@dataclass
class Site:
    """A cluster as the container makes it, with the site's database in use."""

    cluster: Cluster
    address: str

    def as_site(self, statement: str, database: str = "prescreen") -> object:
        """What a statement of the site's role gives."""
        with psycopg.connect(host="127.0.0.1", port=self.cluster.port, user="prescreen", password=PASSWORD, dbname=database, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None


def as_superuser(cluster: Cluster, *arguments: str, **more: str) -> subprocess.CompletedProcess:
    """Runs psql as the image of PostgreSQL runs the files of its folder for new clusters."""
    command = [clusters.program("psql"), "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-d", cluster.address, *arguments]
    return subprocess.run(command, env={"PATH": os.environ["PATH"], **more}, cwd="/", capture_output=True, text=True, check=False)


def with_passwords(cluster: Cluster) -> None:
    """From now on the site's role needs its password, as in the container."""
    rules = cluster.data / "pg_hba.conf"
    rules.write_text("host all prescreen 127.0.0.1/32 scram-sha-256\n" + rules.read_text())
    assert cluster.ask("SELECT pg_reload_conf()")


@pytest.fixture(scope="module")
def site(cluster, tmp_path_factory) -> Iterator[Site]:
    """The role is made as in the container; then the tables and the small catalog are made as that role."""
    made = as_superuser(cluster, "-f", str(ROOT / "deploy" / "database_role.sql"), SITE_DATABASE_PASSWORD=PASSWORD)
    assert made.returncode == 0, made.stderr
    with_passwords(cluster)
    address = f"postgres://prescreen:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{cluster.port}/prescreen"
    make_small(environment(address), tmp_path_factory.mktemp("small"))
    return Site(cluster, address)


def test_the_site_makes_its_tables_and_records_as_this_role(site):
    assert site.as_site("SELECT count(*) FROM trials_trial") == 5
    assert site.as_site("SELECT tableowner FROM pg_tables WHERE tablename = 'trials_trial'") == "prescreen"


def test_the_role_has_none_of_a_superusers_rights(site):
    rights = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    assert site.cluster.ask(f"SELECT ARRAY[{rights}] FROM pg_roles WHERE rolname = 'prescreen'") == [False] * 5
    assert site.cluster.ask("SELECT count(*) FROM pg_auth_members WHERE member = 'prescreen'::regrole") == 0


@pytest.mark.parametrize("statement", NOT_ALLOWED.values(), ids=NOT_ALLOWED)
def test_what_the_role_may_not_do(statement, site):
    with pytest.raises(errors.InsufficientPrivilege):
        site.as_site(statement)


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_it_reaches_no_other_database(database, site):
    with pytest.raises(psycopg.OperationalError, match="does not have CONNECT privilege"):
        site.as_site("SELECT 1", database)


def test_it_needs_its_password(site):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(site.address.replace("letters", "letter"))


def test_without_a_password_no_role_is_made(tmp_path_factory):
    with clusters.one_cluster(logs="none") as other:
        assert as_superuser(other, "-f", str(ROOT / "deploy" / "database_role.sql")).returncode != 0
        assert other.ask("SELECT count(*) FROM pg_roles WHERE rolname = 'prescreen'") == 0


def test_the_audit_trail_only_grows_for_this_role_too(site):
    assert site.as_site("SELECT count(*) FROM trials_auditentry") > 0
    for statement in ("UPDATE trials_auditentry SET detail = 'never'", "DELETE FROM trials_auditentry", "TRUNCATE trials_auditentry"):
        with pytest.raises(errors.IntegrityConstraintViolation, match="append-only"):
            site.as_site(statement)


def test_as_the_owner_of_its_tables_it_could_take_the_triggers_away_as_adr_13_says(site):
    """Not a wish but a fact: should this fail one day, ADR 13 and docs/deploy.md promise too little."""
    with psycopg.connect(site.address) as connection:
        connection.execute("ALTER TABLE trials_auditentry DISABLE TRIGGER USER")
        connection.execute("DELETE FROM trials_auditentry")
        connection.rollback()
    assert "take the triggers away" in next((ROOT / "docs" / "adr").glob("0013-*")).read_text(encoding="utf-8")


def test_a_backup_comes_back_as_docs_backup_says(site, tmp_path):
    """The statements of the superuser are read from the docs. The database that was there stays under another name."""
    given = environment(site.address)
    manage(given, "backup", tmp_path / "backup.gz")
    assert "already holds records" in manage(given, "restore", tmp_path / "backup.gz", code=2)
    statements = re.findall(r"psql -U postgres -d postgres((?: +-c \"[^\"]+\")+)", BACKUP_DOCS.replace("\\\n", " "))
    assert len(statements) == 2, "one command sets the old database aside, the other drops it"
    aside, dropped = ([part for part in re.split(r' +-c "|"', command) if part.strip()] for command in statements)
    done = as_superuser(site.cluster, *(word for statement in aside for word in ("-c", statement)))
    assert done.returncode == 0, done.stderr
    manage(given, "restore", tmp_path / "backup.gz")
    assert manage(given, "prepare").strip() == "the database is ready"
    assert site.as_site("SELECT count(*) FROM trials_trial") == 5
    assert site.as_site("SELECT count(*) FROM trials_trial", "prescreen_before") == 5
    with pytest.raises(errors.InsufficientPrivilege):
        site.as_site("SELECT pg_read_file('/etc/passwd')")
    assert site.cluster.ask("SELECT has_database_privilege('public', 'prescreen', 'CONNECT')") is False
    done = as_superuser(site.cluster, *(word for statement in dropped for word in ("-c", statement)))
    assert done.returncode == 0, done.stderr
    assert site.cluster.ask("SELECT array_agg(datname::text ORDER BY datname) FROM pg_database") == ["postgres", "prescreen", "template0", "template1"]
