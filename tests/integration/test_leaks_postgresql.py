"""A whole journey on a PostgreSQL server that writes down all that it is asked: no row, no file of the server and no line of its log holds an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests import watched

from . import clusters
from .clusters import Cluster
from .hunting import Hunter, Thing, in_folder
from .watched_visitor import CANARIES, NUMBERS, Visitor

pytestmark = [
    pytest.mark.own_database,
    pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here"),
]

TELLS_ALL = {"log_min_duration_statement": "0", "log_parameter_max_length": "-1", "log_parameter_max_length_on_error": "-1"}
"""Each statement with how long it took, its parameters in full, and those of one that failed."""

TABLES = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema <> 'pg_catalog'"


@dataclass
class Journey:
    """The server, the folder of the site that it serves, the patient, and how long the server's log was before they came."""

    cluster: Cluster
    folder: Path
    visitor: Visitor
    told: int


def in_rows(journey: Journey) -> Iterator[Thing]:
    """Every row of every table of the site."""
    with psycopg.connect(journey.cluster.address) as connection:
        for schema, table in connection.execute(TABLES).fetchall():
            for (row,) in connection.execute(f'SELECT t::text FROM "{schema}"."{table}" t'):
                yield table, row.encode()


def in_files(journey: Journey) -> Iterator[Thing]:
    """Every file of the server that was written since the patient came: tables, indexes and the write-ahead log, the empty part of which is left out."""
    journey.cluster.ask("CHECKPOINT")
    return ((name, data.rstrip(b"\0")) for name, data in in_folder(journey.cluster.data, newer_than=journey.folder / "begun"))


def in_log(journey: Journey) -> list[Thing]:
    """What the server said since the patient came."""
    return [("log", journey.cluster.log.read_bytes()[journey.told :])]


PLACES: dict[str, Callable[[Journey], Iterable[Thing]]] = {"rows": in_rows, "files": in_files, "log": in_log}


@pytest.fixture(scope="module")
def journey(tmp_path_factory) -> Iterator[Journey]:
    """A server on which a patient did everything."""
    folder = tmp_path_factory.mktemp("watched") / "site"
    with clusters.one_cluster(**TELLS_ALL) as cluster, watched.serve(folder, cluster.address) as origin:
        # What was written before anybody came is large, and tells nothing.
        cluster.ask("CHECKPOINT")
        cluster.ask("SELECT pg_switch_wal()")
        (folder / "begun").touch()
        told, visitor = cluster.told(), Visitor(origin)
        visitor.screen("eye", "child")
        visitor.use()
        visitor.stumble()
        visitor.leave()
        visitor.client.close()
        yield Journey(cluster, folder, visitor, told)


@pytest.fixture(scope="module")
def hunter(journey) -> Hunter:
    """Looks for what the patient said, and for what the site sealed it into."""
    return Hunter(CANARIES, journey.visitor.sealed)


def test_the_patient_was_served_from_this_server(journey):
    visitor = journey.visitor
    assert set(visitor.told.values()) & set(NUMBERS)
    assert {page.status_code for page in visitor.seen} == {200, 302, 422, 500}
    log = in_log(journey)[0][1]
    assert log.count(b"duration: ") > 50
    assert b'"trials_' in log
    assert not list((journey.folder / "database").glob("*.sqlite3")), "nothing was kept in a file of SQLite"


@pytest.mark.parametrize("place", PLACES)
def test_no_place_of_the_server_holds_an_answer(place, journey, hunter):
    things = list(PLACES[place](journey))
    assert things
    assert hunter.hunt(things) == []


def test_no_place_of_the_site_holds_one_either(journey, hunter):
    for place, read in watched.PLACES.items():
        if place != "tables and session rows":
            assert hunter.hunt(read(journey.folder)) == [], place


class TestTheHunt:
    """It finds what is there. These come last: what they plant stays."""

    @pytest.fixture(params=["a number", "a cookie", "a paper"])
    def said(self, request, journey) -> str:
        """What is planted."""
        texts = {"a number": [NUMBERS[1]], "a cookie": [], "a paper": []}
        for text in journey.visitor.sealed:
            texts["a paper" if text.isdecimal() else "a cookie"].append(text)
        return min(texts[request.param], key=len)

    @pytest.mark.parametrize("place", PLACES)
    def test_finds_a_row(self, place, said, journey, hunter):
        journey.cluster.ask("DROP TABLE IF EXISTS kept; CREATE TABLE kept (said text)")
        journey.cluster.ask(f"INSERT INTO kept VALUES ('told {said} here')")
        assert hunter.hunt(PLACES[place](journey))

    def test_finds_a_parameter_in_the_log(self, said, journey, hunter):
        cluster = journey.cluster
        before = cluster.told()
        with psycopg.connect(cluster.address) as connection:
            connection.execute("SELECT %s::text", [said])
        assert hunter.hunt([("log", cluster.log.read_bytes()[before:])])

    def test_finds_a_row_that_was_deleted_in_the_files(self, said, journey, hunter):
        cluster = journey.cluster
        cluster.ask("CREATE TABLE gone (said text)")
        cluster.ask(f"INSERT INTO gone VALUES ('told {said} here')")
        cluster.ask("DELETE FROM gone")
        place = cluster.ask("SELECT pg_relation_filepath('gone')")
        cluster.ask("CHECKPOINT")
        found = hunter.hunt([("file", (cluster.data / place).read_bytes())])
        cluster.ask("DROP TABLE gone")
        assert found
