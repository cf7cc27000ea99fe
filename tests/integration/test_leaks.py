"""Whole journeys with answers that nobody else would give, through faults and through a reopened paper; afterwards no trace of them is found."""

from __future__ import annotations

import io
import json
import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from pypdf import PdfWriter

from prescreen import press
from prescreen.answers import Answers, seal
from tests import watched
from tests.rows import everything

from .hunting import HIDINGS, Hunter, in_pdf_data
from .patients import PDF, RESULTS, SUMMARY
from .test_pdf import text_in
from .test_trying import FIRST, coordinator, person, staff, start  # noqa: F401
from .watched_visitor import CANARIES, NUMBERS, TYPED, ZIP, Visitor

HUNTER = Hunter(CANARIES)
COOKIE = seal(Answers("me", "eye", {"age": {"value": NUMBERS[0], "unit": "years"}, "diagnosis": "amd_wet", "treatments": ["car_t"], "pregnant": "no"}))
PAPER = "".join(str(number * number) for number in range(10_000_019, 10_000_059))
"""Digits as a paper has them."""

SEALED_TOO = Hunter(CANARIES, [COOKIE, PAPER])
AREAS = {"eye": "me", "cancer": "child", "genetic": "other", "hiv": "me"}
SAID = NUMBERS[0]


@pytest.fixture(scope="module")
def journeys(tmp_path_factory):
    """A site on which a patient of each area did everything: its folder while it runs, and the patients."""
    folder = tmp_path_factory.mktemp("watched") / "site"
    with watched.serve(folder) as origin:
        assert HUNTER.hunt(thing for read in watched.PLACES.values() for thing in read(folder)) == [], "clean before anybody came"
        visitors = []
        for area, who in AREAS.items():
            visitor = Visitor(origin)
            visitor.screen(area, who)
            visitor.use()
            visitor.stumble()
            visitor.leave()
            visitors.append(visitor)
            visitor.client.close()
        yield folder, visitors


@pytest.fixture(scope="module")
def hunter(journeys):
    """Looks for what the patients said, and for what the site sealed it into."""
    _, visitors = journeys
    return Hunter(CANARIES, {text for visitor in visitors for text in visitor.sealed})


class TestNoTrace:
    """What the patients said is on their own pages, and nowhere else."""

    def test_the_patients_said_it(self, journeys):
        _, visitors = journeys
        assert all(visitor.told for visitor in visitors)
        kinds = {
            "number" if answer in NUMBERS else "yes or no" if answer in ("yes", "no") else "choice" for visitor in visitors for answer in visitor.told.values()
        }
        assert kinds == {"number", "yes or no", "choice"}
        for visitor in visitors:
            shown = {leak.canary for leak in HUNTER.hunt((str(page.url), page.content) for page in visitor.seen)}
            assert {*visitor.told.values(), ZIP, "Xq7Vw"} & set(CANARIES) <= shown, "the hunter finds it where it is to be"

    def test_the_site_sealed_it(self, journeys, hunter):
        _, visitors = journeys
        for visitor in visitors:
            cookies, codes = ({text for text in visitor.sealed if text.isdecimal() is digits} for digits in (False, True))
            assert len(cookies) > len(visitor.told)
            assert len(codes) == 1
            given = "".join(line for page in visitor.seen for line in page.headers.get_list("set-cookie"))
            assert hunter.hunt([("cookies", given.encode())])
            assert "groups" in {wrapping for leak in hunter.hunt(("page", page.content) for page in visitor.seen) for wrapping in leak.wrapped}

    def test_the_faults_did_happen(self, journeys):
        folder, visitors = journeys
        for visitor in visitors:
            failed = Counter(page.url.path.split("/")[1] for page in visitor.seen if page.status_code == 500)
            assert failed["screening"] >= 3, "on the check page, on the way to it, and on the page of places"
            assert failed["reopen"] == 1
            assert HUNTER.hunt(("a page of trouble", page.content) for page in visitor.seen if page.status_code == 500) == []
        reports = "".join(path.read_text() for path in (folder / "mail").iterdir())
        assert reports.count("Subject: ") == sum(page.status_code == 500 for visitor in visitors for page in visitor.seen)
        assert "ValueError" in reports, "the report says what went wrong"
        assert "check.html" in reports or "defaulttags.py" in reports, "and where"

    def test_nothing_else_went_wrong(self, journeys):
        _, visitors = journeys
        found = {(page.url.path, page.status_code) for visitor in visitors for page in visitor.seen if page.status_code >= 400 and not page.url.query}
        assert {status for _, status in found} == {422}

    @pytest.mark.parametrize("place", watched.PLACES)
    def test_no_place_holds_an_answer(self, place, journeys, hunter, record_property):
        folder, _ = journeys
        things = list(watched.PLACES[place](folder))
        leaks = hunter.hunt(things)
        record_property("places searched", 1)
        record_property("things searched", len(things))
        record_property("leaks found", len(leaks))
        assert leaks == []
        assert things or place in ("cache entries", "temporary files", "the user's own folder", "the index", "collected files"), "there was something to search"

    def test_every_file_is_searched_once(self, journeys):
        folder, _ = journeys
        things = [thing for place, read in watched.PLACES.items() if place != "tables and session rows" for thing in read(folder)]
        files = sorted(str(path) for path in folder.rglob("*") if path.is_file() and path != folder / "begun" and folder / "static" not in path.parents)
        assert sorted(data.split(b"\n")[0].decode() for _, data in things) == files
        assert any(path.endswith("index-rate-limits.sqlite3") for path in files)

    def test_no_address_that_somebody_is_sent_to_holds_an_answer(self, journeys, hunter):
        _, visitors = journeys
        pages = [page for visitor in visitors for page in visitor.seen]
        sent = [("Location", page.headers.get("location", "").encode()) for page in pages]
        files = [("file name", page.headers.get("content-disposition", "").encode()) for page in pages]
        assert hunter.hunt([*sent, *files]) == []
        told = {answer for visitor in visitors for answer in visitor.told.values()}
        assert not [address for _, address in sent if told & set(address.decode().replace("?", "/").replace("=", "/").split("/"))]

    def test_rare_choices_are_in_no_log_report_or_address(self, journeys):
        folder, visitors = journeys
        rare = {answer for visitor in visitors for answer in visitor.told.values() if len(answer) > 7 and answer not in NUMBERS}
        assert rare
        things = [thing for place in ("log lines", "error reports", "addresses and Referers", "cache entries") for thing in watched.PLACES[place](folder)]
        assert Hunter(rare).hunt(things) == []

    def test_no_cookie_can_be_read(self, journeys):
        _, visitors = journeys
        assert HUNTER.hunt(("cookie", line.encode()) for visitor in visitors for page in visitor.seen for line in page.headers.get_list("set-cookie")) == []

    def test_a_pdf_tells_answers_on_its_pages_alone(self, journeys):
        _, visitors = journeys
        papers = [page.content for visitor in visitors for page in visitor.seen if page.headers["content-type"] == "application/pdf"]
        assert len(papers) == 2 * len(AREAS)
        for paper in papers:
            assert HUNTER.hunt(in_pdf_data(paper)) == []
            assert any(number in text_in(paper) for number in NUMBERS)


@pytest.mark.django_db
@pytest.mark.usefixtures("small_catalog")
def test_a_trial_that_is_tried_leaves_no_answer_in_any_row(staff):  # noqa: F811
    staff.open(RESULTS)
    before = everything()
    start(staff, FIRST).answer("who", "other")
    staff.tell(diagnosis="rp_x_linked", age=SAID)
    for page in (RESULTS, SUMMARY, PDF):
        assert staff.open(page).status_code == 200
    assert HUNTER.hunt((table, repr(rows).encode()) for table, rows in everything().items()) == []
    assert everything() == before


class TestTheHunter:
    """A search that finds nothing proves nothing, unless it finds what is there."""

    @pytest.mark.parametrize("hide", HIDINGS.values(), ids=HIDINGS.keys())
    @pytest.mark.parametrize("said", [SAID, "Kanarí"])
    def test_finds_an_answer_however_it_hides(self, said, hide):
        assert {leak.canary for leak in HUNTER.hunt([("somewhere", hide(said))])} >= {said}

    @pytest.mark.parametrize("hide", HIDINGS.values(), ids=HIDINGS.keys())
    @pytest.mark.parametrize("sealed", [COOKIE, PAPER], ids=["cookie", "paper"])
    def test_finds_a_piece_of_what_is_sealed_however_it_hides(self, sealed, hide):
        assert Hunter(CANARIES, [sealed]).hunt([("somewhere", hide(sealed[11:90]))])
        assert Hunter(CANARIES, [sealed]).hunt([("somewhere", hide(sealed[-40:]))])

    @pytest.mark.parametrize("between", [" ", "+", "%20", "\n", ". ", "-"])
    def test_finds_the_digits_of_a_paper_in_groups(self, between):
        typed = between.join(PAPER[start : start + 5] for start in range(0, len(PAPER), 5))
        assert {leak.canary for leak in SEALED_TOO.hunt([("somewhere", f"code={typed}&mark=".encode())])} >= {PAPER[:40], PAPER[-40:]}

    def test_takes_no_other_sealed_text_for_the_one_it_hunts(self):
        other = seal(Answers("me", "eye", {"age": {"value": NUMBERS[0], "unit": "years"}}))
        assert SEALED_TOO.hunt([("somewhere", f"{other} {PAPER[:39]}".encode())]) == []

    def test_finds_nothing_where_there_is_nothing(self):
        assert HUNTER.hunt([("somewhere", b"37.41937 and 419370526, at 05:12:37.419370, 1795396837.4193705, noise " + bytes(range(256)))]) == []

    @pytest.fixture
    def folder(self, tmp_path):
        """The folder of a site with an empty database."""
        watched.make_folder(tmp_path / "site")
        with closing(sqlite3.connect(tmp_path / "site" / "database" / "db.sqlite3")) as database:
            database.execute("CREATE TABLE django_session (session_key, session_data)")
            database.execute("CREATE TABLE notes (amount REAL)")
            database.commit()
        assert HUNTER.hunt(thing for read in watched.PLACES.values() for thing in read(tmp_path / "site")) == []
        return tmp_path / "site"

    @pytest.mark.parametrize(
        ("place", "part"),
        [
            ("log lines", "log/server"),
            ("error reports", "mail/1.log"),
            ("cache entries", "cache/entry.djcache"),
            ("addresses and Referers", "asked/record"),
            ("temporary files", "temporary/deep/inside"),
            ("the index", "database/db.sqlite3-index/token/told.json"),
            ("the counts of requests", "database/db.sqlite3-index-rate-limits.sqlite3-wal"),
            ("the database's file, WAL and journal", "database/db.sqlite3-journal"),
            ("the database's file, WAL and journal", "database/another-index-rate-limits"),
            ("the user's own folder", "home/.cache/left"),
            ("collected files", "static/paper.pdf"),
            ("templates", "faulty/prescreen/kept.html"),
        ],
    )
    @pytest.mark.parametrize("hiding", ["as it is", "with zlib, in base64"])
    def test_finds_a_leak_in_each_place(self, place, part, hiding, folder):
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        (folder / part).write_bytes(b"something else\n" + b"\n".join(map(HIDINGS[hiding], (SAID, COOKIE[50:150], PAPER[50:150]))) + b"\n")
        found = {leak.canary for leak in SEALED_TOO.hunt(watched.PLACES[place](folder))}
        assert found == {SAID, COOKIE[80:120], PAPER[80:120]}

    @pytest.mark.parametrize(("place", "where"), [("temporary files", "tempfile.gettempdir()"), ("the user's own folder", "pathlib.Path.home()")])
    def test_finds_what_the_making_of_a_paper_writes(self, place, where, folder, tmp_path, monkeypatch):
        monkeypatch.setenv("TMPDIR", str(folder / "temporary"))
        monkeypatch.setenv("HOME", str(folder / "home"))
        monkeypatch.setattr(press, "PROGRAM", tmp_path / "writes.py")
        press.PROGRAM.write_text(f"import pathlib, sys, tempfile\npathlib.Path({where}, 'kept').write_bytes(sys.stdin.buffer.read(40))")
        with pytest.raises(press.PaperError):
            press.Press().make(f"weight {SAID}".ljust(40))
        assert HUNTER.hunt(watched.PLACES[place](folder))

    def test_finds_a_leak_in_the_name_of_a_file(self, folder):
        (folder / "temporary" / f"upload-{SAID}").touch()
        assert HUNTER.hunt(watched.PLACES["temporary files"](folder))

    @pytest.mark.parametrize(
        "row",
        [
            "INSERT INTO notes VALUES (37.419370526)",
            "INSERT INTO django_session VALUES ('x', 'weight=37.419370526')",
            pytest.param(f"INSERT INTO django_session VALUES ('x', 'answers={COOKIE}')", id="a cookie"),
            pytest.param(f"INSERT INTO django_session VALUES ('x', '{PAPER[:120]}')", id="a paper"),
        ],
    )
    def test_finds_a_leak_in_a_row(self, row, folder):
        with closing(sqlite3.connect(folder / "database" / "db.sqlite3")) as database:
            database.execute(row)
            database.commit()
        assert SEALED_TOO.hunt(watched.PLACES["tables and session rows"](folder))

    def test_finds_a_leak_that_is_in_the_wal_alone_and_one_that_was_deleted(self, folder):
        with closing(sqlite3.connect(folder / "database" / "db.sqlite3")) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA wal_autocheckpoint=0")
            database.execute("INSERT INTO django_session VALUES ('x', ?)", (f"weight={SAID}",))
            database.commit()
            database.execute("DELETE FROM django_session")
            database.commit()
            places = {leak.place for leak in HUNTER.hunt(watched.PLACES["the database's file, WAL and journal"](folder))}
            assert places == {"db.sqlite3-wal"}

    @pytest.mark.parametrize("where", ["information", "attachments", "XMP", "bookmarks"])
    def test_finds_a_leak_in_the_data_of_a_pdf(self, where):
        writer, written = PdfWriter(), io.BytesIO()
        writer.add_blank_page(100, 100)
        match where:
            case "information":
                writer.add_metadata({"/Keywords": f"weight {SAID}"})
            case "attachments":
                writer.add_attachment("answers.json", json.dumps({"weight": SAID}).encode())
            case "XMP":
                writer.xmp_metadata = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{SAID}</x:xmpmeta>'.encode()
            case "bookmarks":
                writer.add_outline_item(f"{TYPED} weighs {SAID}", 0)
        writer.write(written)
        assert {leak.place for leak in HUNTER.hunt(in_pdf_data(written.getvalue()))} == {where}
