"""The Dockerfile and compose.yaml keep their rules. They are read here, not built: no test needs a container engine."""

import json
import re
from pathlib import Path, PurePosixPath

import pytest
import yaml

from tests.integration.processes import SERVER_OPTIONS

ROOT = Path(__file__).parents[2]
IGNORED = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
SECRETS = re.compile(r"SECRET|PASSWORD|TOKEN|DATABASE_URL")
FROM_OUTSIDE = re.compile(r"\$\{[A-Z_]+:[?-][^}]*\}")


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile and what follows each, on one line."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _space, rest in (line.partition(" ") for line in lines if line.strip())]


def last_stage(steps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The instructions of the stage that becomes the image."""
    return steps[max(place for place, (word, _rest) in enumerate(steps) if word == "FROM") :]


STEPS = instructions((ROOT / "Dockerfile").read_text())
IMAGE = last_stage(STEPS)
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]


def told(word: str, steps=IMAGE) -> list[str]:
    """What follows an instruction, wherever it stands."""
    return [rest for name, rest in steps if name == word]


def copied() -> list[str]:
    """The paths of this project that the Dockerfile copies."""
    sources = [rest.split()[:-1] for rest in told("COPY", STEPS) if not rest.startswith("--from")]
    return [path for several in sources for path in several]


def test_there_are_two_stages_and_what_builds_stays_behind():
    assert len(told("FROM", STEPS)) == 2
    assert not any("pip " in rest for rest in told("RUN"))


@pytest.mark.parametrize("base", [*told("FROM", STEPS), *(service["image"] for service in SERVICES.values() if "build" not in service)])
def test_a_base_is_named_by_a_version(base):
    assert re.search(r":\d+(\.\d+)*-\w+", base), base


def test_the_last_user_is_a_number_and_not_root():
    assert told("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", told("USER")[-1])


def test_packages_come_by_their_hashes_and_as_wheels_only():
    (install,) = [rest for rest in told("RUN", STEPS) if "pip install" in rest]
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert install.endswith("-r requirements.lock")


def test_the_image_asks_after_its_own_health():
    (check,) = told("HEALTHCHECK")
    assert "deploy/is_healthy.py" in check
    assert "/healthz" in (ROOT / "deploy/is_healthy.py").read_text()


def test_one_blocking_thread_a_process_serves_and_static_files_are_collected():
    (command,) = told("CMD")
    assert '"--blocking-threads", "1"' in command
    assert command.startswith('["granian"')
    assert any("collectstatic --noinput" in rest for rest in told("RUN", STEPS))


@pytest.mark.parametrize("path", ["Dockerfile", "deploy/systemd/prescreen@.service", "Makefile"])
def test_the_server_is_started_as_the_tests_start_it(path):
    """Without --respawn-failed-workers one worker that dies ends the whole server; the tests of kills would not notice."""
    if path == "Dockerfile":
        commands = [" ".join(json.loads(told("CMD")[0]))]
    else:
        commands = [line for line in (ROOT / path).read_text().splitlines() if "/granian " in line]
    assert commands
    assert [option for command in commands for option in SERVER_OPTIONS if option not in command] == []


def test_each_server_is_where_nginx_looks_for_it():
    """Patients' server first, then the desk's; outside a container and in one."""
    asked = re.findall(r"server 127\.0\.0\.1:(\d+);", (ROOT / "deploy/nginx/https.conf").read_text())
    assert asked == re.findall(r"prescreen@(\d+)", (ROOT / "docs/deploy.md").read_text())
    assert [SERVICES[name]["ports"] for name in ("site", "desk")] == [[f"127.0.0.1:{port}:8000"] for port in asked]


def test_the_dockerfile_holds_no_secret():
    named = [words for words in [*told("ENV", STEPS), *told("ARG", STEPS)] if SECRETS.search(words)]
    assert named == []
    keys = re.findall(r"DJANGO_SECRET_KEY=(\S+)", (ROOT / "Dockerfile").read_text())
    assert keys == ['"$(python']


@pytest.mark.parametrize("path", copied())
def test_what_is_copied_is_there_and_is_let_through(path):
    assert path in ("requirements.lock", "./") or (ROOT / path).exists()
    assert f"!{PurePosixPath(path).parts[0]}" in IGNORED


def test_only_what_is_named_reaches_the_image():
    assert IGNORED[0] == "*"
    assert {"db.sqlite3", ".env", ".git", "tests"}.isdisjoint(line.removeprefix("!") for line in IGNORED if line.startswith("!"))
    assert "**/.env*" in IGNORED


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_cannot_write_to_its_image_nor_gain_rights(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service.get("user", "10001") not in ("root", "0")
    assert all("noexec" in place for place in service["tmpfs"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_secret_comes_from_outside(name):
    for setting, value in SERVICES[name]["environment"].items():
        if SECRETS.search(setting):
            assert FROM_OUTSIDE.search(value), setting
        if setting == "DATABASE_URL":
            assert re.search(r":\$\{SITE_DATABASE_PASSWORD:\?[^}]*\}@", value)


@pytest.mark.parametrize("setting", ["DJANGO_SECRET_KEY", "DJANGO_ALLOWED_HOSTS"])
def test_the_site_does_not_start_without_its_key_and_hosts(setting):
    assert SERVICES["site"]["environment"][setting].startswith(f"${{{setting}:?")


def test_the_site_never_runs_with_the_settings_of_a_developers_machine():
    assert not {"DJANGO_LOCAL", "DJANGO_DEBUG"} & (SERVICES["site"]["environment"].keys() | set(" ".join(told("ENV")).replace("=", " ").split()))


def test_the_database_is_reached_by_the_site_alone_and_the_site_by_this_machine_alone():
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert SERVICES["database"]["networks"] == ["back"]
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["site", "desk"]
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_the_address_that_the_proxy_comes_from_is_trusted_and_no_other():
    (network,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    assert SERVICES["site"]["environment"]["DJANGO_TRUSTED_PROXIES"] == f"${{DJANGO_TRUSTED_PROXIES:-{network['gateway']}}}"
    assert SERVICES["site"]["environment"]["DJANGO_BEHIND_PROXY"] == "1"


def test_the_line_to_the_database_is_called_private_only_where_it_stays_within_the_machine():
    assert COMPOSE["networks"]["back"] == {"internal": True}, "a bridge: containers of this machine alone"
    for name in of_the_site():
        given = SERVICES[name]["environment"]
        assert given["DATABASE_LINE_IS_PRIVATE"] == "1"
        assert given["DATABASE_URL"].endswith("@database/prescreen")
        assert "back" in SERVICES[name]["networks"] and SERVICES["database"]["networks"] == ["back"]


def test_the_site_waits_for_its_tables_and_they_for_the_database():
    assert SERVICES["site"]["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}
    assert SERVICES["prepare"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "records:/var/lib/postgresql/data" in SERVICES["database"]["volumes"]


def test_the_database_counts_as_ready_when_it_is_reached_as_the_site_reaches_it():
    """While a new cluster is made, the image's server answers on its socket: too early for `prepare`, which is not tried again."""
    assert "--host=127.0.0.1" in SERVICES["database"]["healthcheck"]["test"]


def test_the_site_knows_a_role_of_its_own_and_nothing_of_the_superuser():
    role = (ROOT / "deploy/database_role.sql").read_text()
    assert "./deploy/database_role.sql:/docker-entrypoint-initdb.d/database_role.sql:ro" in SERVICES["database"]["volumes"]
    assert not {"POSTGRES_USER", "POSTGRES_DB"} & SERVICES["database"]["environment"].keys(), "the image would make the site's role a superuser"
    for name in of_the_site():
        address = SERVICES[name]["environment"]["DATABASE_URL"]
        assert re.match(r"postgres://(\w+):.*@database/(\w+)$", address).groups() == ("prescreen", "prescreen")
        assert "POSTGRES_PASSWORD" not in str(SERVICES[name])
    assert "CREATE ROLE prescreen LOGIN NOSUPERUSER" in role and "CREATE DATABASE prescreen OWNER prescreen;" in role
    (asked,) = re.findall(r"\\getenv password (\w+)", role)
    assert asked in SERVICES["database"]["environment"]


def of_the_site() -> list[str]:
    """The services that run this program."""
    return [name for name, service in SERVICES.items() if "build" in service]


def test_backups_have_a_place_that_the_serving_site_does_not_reach():
    assert [name for name, service in SERVICES.items() if any(place.startswith("backups:") for place in service.get("volumes", []))] == ["backup"]
    assert "backups" in COMPOSE["volumes"]
    backup = SERVICES["backup"]
    assert backup["volumes"] == ["backups:/backups"]
    assert backup["profiles"], "it does not start with the site"
    assert backup["depends_on"] == {"database": {"condition": "service_healthy"}}, "prepare would fill the database that is to be restored into"
    assert backup["networks"] == ["back"]
    owner = told("USER")[-1].split(":")
    assert f"install --directory --owner={owner[0]} --group={owner[1]} --mode=0700 /backups" in told("RUN")


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_leaves_a_dump_of_its_memory(name):
    assert SERVICES[name]["ulimits"] == {"core": 0}


COMMANDS = [
    line.strip() for path in ("backup.md", "deploy.md", "keys.md") for line in (ROOT / "docs" / path).read_text().splitlines() if "docker compose " in line
]


def test_the_commands_of_the_docs_name_services_that_there_are():
    named = [found for line in COMMANDS for found in re.findall(r"docker compose (?:run(?: -{1,2}\S+)*|exec|stop|up -d) (?!-)(\w+)", line)]
    assert {"backup", "database", "site"} <= set(named) <= SERVICES.keys()
    assert any("docker compose run --rm -T backup python manage.py restore /backups/" in line for line in COMMANDS)
    assert any("docker compose run --rm -T backup python manage.py backup /backups/" in line for line in COMMANDS)


def test_before_a_database_is_renamed_all_that_serve_from_it_stop():
    (stop,) = [line for line in COMMANDS if "docker compose stop" in line]
    assert set(stop.split()[3:]) == {name for name, service in SERVICES.items() if service.get("ports")}


def test_the_docs_tell_each_variable_that_must_be_set():
    needed = set(re.findall(r"\$\{([A-Z_]+):\?", (ROOT / "compose.yaml").read_text()))
    assert needed == set(re.findall(r"^    ([A-Z_]+)=", (ROOT / "docs/deploy.md").read_text().split("## In containers")[1].split("##")[0], re.MULTILINE))
