"""What the site stands on: its packages, its index on disk, its container and its database's role."""

from .breakage import Breakage

COMPOSE, CONTAINER = "compose.yaml", "tests/unit/test_container_files.py"
ROLE, ROLE_TEST = "deploy/database_role.sql", "tests/integration/test_database_role.py"

BROKEN = (
    Breakage("every package has hashes", "requirements.lock", "\nasgiref==", "\nno-hashes==1.0\nasgiref==", "tests/unit/test_lock.py -k hashes"),
    Breakage("the lock is of what is asked for", "requirements.lock", "\ndjango==", "\ndjango==1.0 #", "tests/unit/test_lock.py -k meets"),
    Breakage(
        "reading the index on disk runs nothing",
        "trials/eligibility/storing.py",
        'mmap_mode="r", allow_pickle=False',
        "allow_pickle=True",
        "tests/unit/test_storing.py -k unpickled",
    ),
    Breakage(
        "a security rule is switched off with its reason alone",
        "prescreen/press.py",
        "  # noqa: S603 - our own program",
        "  # noqa: S603",
        "tests/unit/test_suppressions.py -k says_why",
    ),
    Breakage("the container has no root", "Dockerfile", "USER 10001:10001", "USER root", f"{CONTAINER} -k last_user"),
    Breakage("no image can be written to", COMPOSE, "  read_only: true", "  read_only: false", f"{CONTAINER} -k cannot_write"),
    Breakage(
        "the image holds no secret",
        "Dockerfile",
        "ENV PATH=/opt/venv/bin:$PATH",
        "ENV DJANGO_SECRET_KEY=known PATH=/opt/venv/bin:$PATH",
        f"{CONTAINER} -k no_secret",
    ),
    Breakage(
        "a container's secrets come from outside",
        COMPOSE,
        "${POSTGRES_PASSWORD:?set it to 64 random letters and digits}",
        "known",
        f"{CONTAINER} -k from_outside",
    ),
    Breakage("the database is reached by the site alone", COMPOSE, "    internal: true", "    internal: false", f"{CONTAINER} -k site_alone"),
    Breakage(
        "a container that does not serve is not healthy",
        "deploy/is_healthy.py",
        "if status == http.client.OK else",
        "if status else",
        "tests/integration/test_is_healthy.py -k any_other",
    ),
    Breakage("the site's role is no superuser", ROLE, "LOGIN NOSUPERUSER", "LOGIN SUPERUSER", f"{ROLE_TEST} -k rights"),
    Breakage(
        "the site's role runs no programs",
        ROLE,
        "CREATE DATABASE prescreen OWNER",
        "GRANT pg_execute_server_program TO prescreen;\nCREATE DATABASE prescreen OWNER",
        f"{ROLE_TEST} -k may_not",
    ),
    Breakage(
        "the site's role reaches its own database alone", ROLE, "prescreen, postgres, template1 FROM", "prescreen FROM", f"{ROLE_TEST} -k no_other_database"
    ),
)
