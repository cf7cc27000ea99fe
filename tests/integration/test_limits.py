"""What a request may bring. Too much is refused with the right status and a kind page, and is not even read."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from prescreen.doors import sizes
from trials.admin import bringing_in, table_files

from .desk import signed_in
from .patients import page_of, text_of, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

FORM = "application/x-www-form-urlencoded"
DESK = "/admin/trials/"


class NeverRead(io.RawIOBase):
    """A body that must be left alone."""

    def read(self, *_size: int) -> bytes:
        """Nobody may ask."""
        pytest.fail("the body was read")


def posted(address: str, size: int, client: Client | None = None) -> int:
    """The status of a POST of so many bytes."""
    body = b"answer=" + b"x" * (size - 7)
    return (client or Client()).generic("POST", address, body, content_type=FORM).status_code


def announced(address: str, length: int, client: Client):
    """The answer to a POST that says how long it is, and whose body nobody may read. As parts: the other forms Django refuses at 2.5 MB by itself."""
    return client.generic("POST", address, b"", CONTENT_TYPE="multipart/form-data; boundary=x", CONTENT_LENGTH=str(length), **{"wsgi.input": NeverRead()})


@pytest.mark.parametrize("address", [page_of("age"), "/reopen/", "/no-such-page/"])
def test_a_body_for_everybodys_pages_has_an_end(address):
    assert posted(address, sizes.LARGEST_BODY) in (404, 422, 302)
    assert posted(address, sizes.LARGEST_BODY + 1) == 413


def test_a_body_for_the_desk_has_one_too():
    editor = signed_in()
    sign_in, upload = "/admin/login/", f"{DESK}trial/import-records/"
    assert posted(sign_in, sizes.LARGEST_BODY + 1) != 413
    for address, largest in ((sign_in, sizes.LARGEST_DESK_BODY), (f"{DESK}trial/add/", sizes.LARGEST_DESK_BODY), (upload, sizes.LARGEST_UPLOAD)):
        assert announced(address, largest + 1, editor).status_code == 413


@pytest.mark.parametrize("address", [f"{DESK}trial/import-records/", f"{DESK}criterion/import/"])
def test_the_largest_files_of_the_desk_pass(address):
    assert max(bringing_in.LARGEST_UPLOAD, table_files.LARGEST_FILE) + 500_000 < sizes.LARGEST_UPLOAD
    name = "file" if "records" in address else "import_file"
    page = signed_in().post(address, {name: SimpleUploadedFile("studies.json", b" " * bringing_in.LARGEST_UPLOAD), "format": "0", "resource": "0"})
    assert page.status_code in (200, 422), "the page itself says what it thinks of the file"


@pytest.mark.parametrize("length", [sizes.LARGEST_BODY + 1, 10**12])
def test_what_is_too_large_is_never_read(length, patient):
    assert announced(page_of("age"), length, patient.client).status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e9", "nonsense", "٩", " ", "9" * 5_000])
def test_a_length_that_is_none_is_refused(length, patient):
    response = patient.client.generic("POST", page_of("who"), b"answer=me", content_type=FORM, CONTENT_LENGTH=length)
    assert response.status_code == 400
    assert title_of(response).startswith("We could not read that")


def test_a_body_without_a_length_is_taken_for_empty(patient):
    assert patient.client.generic("POST", page_of("who"), b"answer=me", content_type=FORM, CONTENT_LENGTH="").status_code == 422


def test_a_form_has_an_end(patient):
    fields = "&".join(["a=1"] * 20_000)
    assert patient.client.generic("POST", "/reopen/", fields, content_type=FORM).status_code == 422
    refused = patient.client.generic("POST", "/reopen/", fields + "&a=1", content_type=FORM)
    assert refused.status_code == 413
    assert title_of(refused).startswith("That was too much at once")


def test_files_that_nobody_asked_for_have_an_end(patient):
    def posted(number: int) -> int:
        return patient.client.post("/reopen/", {f"file{place}": SimpleUploadedFile("a.txt", b"a") for place in range(number)}).status_code

    assert posted(5) == 422
    assert posted(6) == 413


def test_an_address_has_an_end(patient):
    longest = "/trials/?q=" + "x" * (sizes.LONGEST_ADDRESS - len("/trials/q="))
    assert patient.open(longest).status_code == 200
    refused = patient.open(longest + "x")
    assert refused.status_code == 414
    assert title_of(refused).startswith("That address is too long")
    assert patient.open("/" + "x" * sizes.LONGEST_ADDRESS).status_code == 414


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1.example.com", "127.0.0.1:80:80", "127.0.0.1/x", "", "xn--"])
@pytest.mark.parametrize("address", ["/", "/screening/results/", "/admin/login/", "/healthz", "/no-such-page/"])
def test_only_our_own_hosts_are_served(host, address, patient):
    response = patient.client.get(address, headers={"host": host})
    assert response.status_code == 400
    assert title_of(response).startswith("We could not read that")
    assert not host or host not in response.content.decode()


@pytest.mark.parametrize(
    ("send", "status"),
    [
        pytest.param(lambda patient: patient.send(page_of("age"), answer="x" * 600_000), 413, id="a large answer"),
        pytest.param(lambda patient: patient.open("/?" + "x" * 5_000), 414, id="a long address"),
        pytest.param(lambda patient: patient.client.get("/", headers={"host": "evil.example.com"}), 400, id="a foreign host"),
    ],
)
def test_a_refusal_leaves_the_answers_as_they_are(send, status, patient):
    patient.remember(diagnosis="rp_x_linked")
    before = patient.client.cookies["answers"].value
    response = send(patient)
    assert response.status_code == status
    assert "your answers are safe in your browser" in text_of(response)
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert patient.client.cookies["answers"].value == before


def test_a_page_of_the_desk_that_is_not_open_to_somebody_says_whom_to_ask():
    page = signed_in("ada", "Auditor").get(f"{DESK}trial/import-records/")
    assert page.status_code == 403
    assert "ask the person who looks after your account" in text_of(page)
