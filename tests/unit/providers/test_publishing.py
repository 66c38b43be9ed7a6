"""Where a document lies while an account fetches it: put there, seen, and taken away again."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from faxappeal.config.sections import Publish, WebdavFolder
from faxappeal.core.errors import SetupError
from faxappeal.providers import publishing
from faxappeal.providers.base import Probe, Unreachable
from faxappeal.providers.publishing import Command, Folder, Publication, Webdav, publication
from tests.support import wire
from tests.support.bad_urls import BAD_URLS
from tests.support.fakes.web import Reply, Request
from tests.support.wire import Wire

PDF = b"%PDF-1.7 a page"
MEDIA = "http://127.0.0.1:8000/faxes"  # nothing listens there
CLOUD = "https://cloud.example.org/dav/faxes"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of this machine's."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


# -- a folder --------------------------------------------------------------------------------------


def test_a_folder_has_the_document_until_it_is_taken_away(tmp_path: Path) -> None:
    place = Folder(tmp_path)
    place.put("fa-1.pdf", PDF)
    assert (tmp_path / "fa-1.pdf").read_bytes() == PDF
    place.remove("fa-1.pdf")
    place.remove("fa-1.pdf")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be written: No such file") as stopped:
        Folder(tmp_path / "missing").put("fa-1.pdf", PDF)
    assert "publish.folder" in stopped.value.hint


def test_a_document_that_cannot_be_deleted_is_taken_away_later(tmp_path: Path) -> None:
    (tmp_path / "fa-1.pdf").mkdir()
    with pytest.raises(Unreachable, match="the published document"):
        Folder(tmp_path).remove("fa-1.pdf")


# -- WebDAV ----------------------------------------------------------------------------------------


def webdav(line: Wire, url: str = CLOUD) -> Webdav:
    table = {"url": url, "username": "erika", "password": "hunter2"}
    place = Webdav(WebdavFolder.model_validate(table))
    line.on(place.session)
    return place


def test_what_is_asked_of_a_webdav_server() -> None:
    line = Wire(Reply(201), Reply(204))
    place = webdav(line, f"{CLOUD}/")
    place.put("fa 1.pdf", PDF)
    place.remove("fa 1.pdf")
    put, removed = line.requests
    assert (put.method, put.body) == ("PUT", PDF)
    assert put.headers["content-type"] == "application/pdf"
    assert put.headers["authorization"] == "Basic ZXJpa2E6aHVudGVyMg=="
    assert removed.method == "DELETE" and put.path == removed.path == "/dav/faxes/fa%201.pdf"


@pytest.mark.parametrize(
    ("status", "words", "hint"),
    [
        (401, "refuses the login or the folder (HTTP 401)", "app password"),
        (403, "refuses the login or the folder (HTTP 403)", "app password"),
        (404, "has no such folder (HTTP 404)", "publish.webdav.url"),
        (405, "has no such folder (HTTP 405)", "publish.webdav.url"),
        (409, "has no such folder (HTTP 409)", "publish.webdav.url"),
        (301, "has no such folder (HTTP 301)", "publish.webdav.url"),
        (302, "has no such folder (HTTP 302)", "publish.webdav.url"),
        (507, "has no space left (HTTP 507)", "make some there"),
    ],
)
def test_what_a_person_has_to_mend_stops_the_run(status: int, words: str, hint: str) -> None:
    line = Wire(Reply(status, headers=(("Location", "http://127.0.0.1:9/"),)))
    with pytest.raises(SetupError) as stopped:
        webdav(line).put("fa-1.pdf", PDF)
    assert words in stopped.value.message and hint in stopped.value.hint
    assert "hunter2" not in stopped.value.message + stopped.value.hint
    assert len(line.requests) == 1, "the password goes to no other address"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Reply(423), "HTTP 423"),
        (Reply(429), "HTTP 429"),
        (Reply(500), "HTTP 500"),
        (Reply(503), "HTTP 503"),
        (wire.cut(), "ConnectionError"),
        (wire.too_late(), "ReadTimeout"),
        (wire.no_connection(), "ConnectionError"),
    ],
    ids=["423", "429", "500", "503", "cut", "too late", "no connection"],
)
def test_what_passes_by_itself_is_tried_again_later(answer: wire.Answer, words: str) -> None:
    place = webdav(Wire(answer))
    with pytest.raises(Unreachable, match=words):
        place.put("fa-1.pdf", PDF)
    with pytest.raises(Unreachable, match=words):
        place.remove("fa-1.pdf")


@pytest.mark.parametrize("status", [200, 204, 404])
def test_a_document_that_is_gone_is_well(status: int) -> None:
    webdav(Wire(Reply(status))).remove("fa-1.pdf")


@pytest.mark.parametrize("status", [302, 401, 403])
def test_a_document_that_may_still_lie_there_is_taken_away_later(status: int) -> None:
    with pytest.raises(Unreachable, match=f"HTTP {status}"):
        webdav(Wire(Reply(status))).remove("fa-1.pdf")


def test_a_strange_certificate_of_the_webdav_server_stops_the_run() -> None:
    with pytest.raises(SetupError, match=r"WebDAV: .*certificate") as stopped:
        webdav(Wire(wire.untrusted())).put("fa-1.pdf", PDF)
    assert "ca_file" in stopped.value.hint


# -- a command -------------------------------------------------------------------------------------


class Programs:
    """Stands in for the user's programs: `put FILE NAME` copies, `remove NAME` deletes."""

    def __init__(self, web: Path) -> None:
        self.web = web
        self.ran: list[list[str]] = []
        self.ends: int | Exception = 0

    def run(self, words: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        assert (
            options["stdin"] is subprocess.DEVNULL and options["timeout"] and "shell" not in options
        )
        self.ran.append(words)
        if isinstance(self.ends, Exception):
            raise self.ends
        if words[0] == "put":
            shutil.copy(words[1], self.web / words[2])
        else:
            (self.web / words[1]).unlink(missing_ok=True)
        return subprocess.CompletedProcess(words, self.ends, b"", b"hunter2")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    programs = Programs(tmp_path)
    monkeypatch.setattr(subprocess, "run", programs.run)
    return programs


def test_a_command_gets_a_file_and_its_name_and_no_shell(programs: Programs) -> None:
    place = Command("put {file} {name} 'two words' $HOME;ls", "remove {name}")
    place.put("fa-1.pdf", PDF)
    assert (programs.web / "fa-1.pdf").read_bytes() == PDF
    [[_, file, *rest]] = programs.ran
    assert rest == ["fa-1.pdf", "two words", "$HOME;ls"]
    assert not Path(file).exists(), "nothing of it stays here"
    place.remove("fa-1.pdf")
    assert not list(programs.web.iterdir())


FAILURES: list[int | Exception] = [
    1,
    -9,
    FileNotFoundError(2, "No such file or directory"),
    subprocess.TimeoutExpired("put", 120),
]


@pytest.mark.parametrize("ends", FAILURES, ids=repr)
def test_a_command_that_fails_is_said(programs: Programs, ends: int | Exception) -> None:
    programs.ends = ends
    place = Command("put {file} {name}", "remove {name}")
    with pytest.raises(SetupError, match=r"publish\.command failed") as stopped:
        place.put("fa-1.pdf", PDF)
    assert "hunter2" not in stopped.value.message + stopped.value.hint and stopped.value.hint
    with pytest.raises(Unreachable, match=r"publish\.remove_command failed"):
        place.remove("fa-1.pdf")


def test_a_command_with_a_quote_too_much_fails(programs: Programs) -> None:
    with pytest.raises(SetupError, match=r"publish\.command failed"):
        Command("put '{file} {name}", "remove {name}").put("fa-1.pdf", PDF)
    assert not programs.ran


def test_a_full_disk_stops_the_run_and_says_so(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryDirectory", full)
    with pytest.raises(SetupError, match="No space left") as stopped:
        Command("put {file} {name}", "remove {name}").put("fa-1.pdf", PDF)
    assert stopped.value.hint and not programs.ran


# -- what the web shows ----------------------------------------------------------------------------


class Web:
    """What the web shows of a folder; `answer` instead, where it is set."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.answer: wire.Answer | None = None
        self.wire = Wire(self._serve)
        self.wire.everywhere(monkeypatch)

    def _serve(self, request: Request) -> Reply:
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, Reply):
            return self.answer
        [name] = request.query.get("files", [request.path.rpartition("/")[2]])
        return Reply(200, (self.folder / name).read_bytes(), "application/pdf")


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    return Web(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("media", "address"),
    [
        (MEDIA, f"{MEDIA}/fa-1.pdf"),
        (f"{MEDIA}/{{name}}", f"{MEDIA}/fa-1.pdf"),
        (f"{MEDIA}?files={{name}}&x=1", f"{MEDIA}?files=fa-1.pdf&x=1"),
    ],
    ids=["after a slash", "where it says", "in the middle, as older Nextclouds show a file"],
)
def test_the_address_of_a_document_that_is_there(web: Web, media: str, address: str) -> None:
    place = Publication(Folder(web.folder), media)
    assert place.put("fa-1", PDF) == address and web.wire.urls == [address]
    place.remove("fa-1")
    assert not list(web.folder.iterdir())


NOT_AS_IT_IS: list[tuple[wire.Answer, str]] = [
    (Reply(404, b"", "text/html"), "does not come back as it is (HTTP 404, text/html)"),
    (Reply(302, headers=(("Location", "http://127.0.0.1:9/"),)), "(HTTP 302, application/json)"),
    (Reply(206, PDF, "application/pdf"), "(HTTP 206, application/pdf)"),
    (Reply(200, PDF, "text/html; charset=utf-8"), "(HTTP 200, text/html)"),
    (Reply(200, PDF, ""), "(HTTP 200, no type)"),
    (Reply(200, PDF, "x\x1b[31m"), "(HTTP 200, x[31m)"),
    (Reply(200, b"%PDF-another", "application/pdf"), "(HTTP 200, application/pdf)"),
    (Reply(200, PDF[:-1], "application/pdf"), "(HTTP 200, application/pdf)"),
    (Reply(200, b"", "application/pdf"), "(HTTP 200, application/pdf)"),
    (wire.cut(), "cannot be fetched"),
    (wire.too_late(), "cannot be fetched"),
    (wire.untrusted(), "cannot be fetched"),
]


@pytest.mark.parametrize(("answer", "words"), NOT_AS_IT_IS, ids=lambda value: str(value)[:50])
def test_a_document_that_does_not_come_back_as_it_is_stops_the_run_and_goes(
    web: Web, answer: wire.Answer, words: str
) -> None:
    web.answer = answer
    with pytest.raises(SetupError) as stopped:
        Publication(Folder(web.folder), MEDIA).put("fa-1", PDF)
    assert words in stopped.value.message and "publish.media_url" in stopped.value.hint
    assert len(web.wire.requests) == 1 and not list(web.folder.iterdir())


def test_a_document_may_come_back_with_more_words_about_its_type(web: Web) -> None:
    web.answer = Reply(200, PDF, "application/pdf; charset=binary")
    assert Publication(Folder(web.folder), MEDIA).put("fa-1", PDF)


@pytest.mark.parametrize("remove", [SetupError, Unreachable])
def test_what_cannot_be_taken_away_hides_no_other_trouble(
    web: Web, monkeypatch: pytest.MonkeyPatch, remove: type[Exception]
) -> None:
    def fails(_name: str) -> None:
        raise remove("no", "")

    place = Folder(web.folder)
    monkeypatch.setattr(place, "remove", fails)
    web.answer = Reply(404)
    with pytest.raises(SetupError, match="HTTP 404"):
        Publication(place, MEDIA).put("fa-1", PDF)


def test_a_document_that_could_not_be_put_there_is_not_looked_for(web: Web) -> None:
    with pytest.raises(SetupError, match="cannot be written"):
        Publication(Folder(web.folder / "missing"), MEDIA).put("fa-1", PDF)
    assert not web.wire.requests


def test_a_place_that_the_web_shows(web: Web) -> None:
    place = Publication(Folder(web.folder), MEDIA)
    assert place.check() == Probe("published folder", True, "the web shows what lies there")
    place.check()
    names = {request.path for request in web.wire.requests}
    assert len(names) == 2, "each name is a new one, and cannot be guessed"
    assert all(len(name.rpartition("/")[2]) > 32 for name in names)
    assert not list(web.folder.iterdir())


@pytest.mark.parametrize(
    ("trouble", "words", "hint"),
    [
        (SetupError("no such folder", "make it"), "no such folder", "make it"),
        (Unreachable("the WebDAV server: HTTP 503"), "HTTP 503", "try again later"),
    ],
    ids=["to be mended", "passes by itself"],
)
def test_a_place_that_does_not_work_is_said(
    web: Web, monkeypatch: pytest.MonkeyPatch, trouble: Exception, words: str, hint: str
) -> None:
    def fails(*_: object) -> None:
        raise trouble

    place = Folder(web.folder)
    monkeypatch.setattr(place, "put", fails)
    found = Publication(place, MEDIA).check()
    assert found.ok is False and words in found.words and hint in found.hint


# -- an address that an account could not reach ----------------------------------------------------


Looking = Callable[..., list[Any]]


@pytest.fixture
def leads_to(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What a name leads to; no name is looked up."""

    def lead(*addresses: str) -> None:
        def found(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
            assert host == "media.example.org"
            return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", found)

    return lead


SHOWN = "https://media.example.org/a.pdf"


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.5",
        "127.0.0.1",
        "100.64.0.1",
        "169.254.1.1",
        "192.168.1.1",
        "0.0.0.0",
        "fe80::1",
        "fc00::1",
        "::1",
        "::ffff:10.0.0.5",
    ],
)
def test_a_name_that_leads_inside_is_refused(
    web: Web, leads_to: Callable[..., None], address: str
) -> None:
    """Also where only one of its addresses does."""
    leads_to("93.184.215.14", address)
    with pytest.raises(SetupError, match="private network"):
        publishing._fetch_back(SHOWN, PDF)
    assert not web.wire.requests


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "::ffff:93.184.215.14"])
def test_a_name_that_leads_outside_is_asked(
    web: Web, leads_to: Callable[..., None], address: str
) -> None:
    leads_to(address)
    web.answer = Reply(200, PDF, "application/pdf")
    publishing._fetch_back(SHOWN, PDF)
    assert web.wire.urls == [SHOWN]


def test_behind_a_proxy_no_name_is_looked_up(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example.org:3128")
    web.answer = Reply(200, PDF, "application/pdf")
    publishing._fetch_back(SHOWN, PDF)
    assert web.wire.urls == [SHOWN]


def test_a_name_that_is_not_found_may_be_found_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(Unreachable, match="is not found"):
        publishing._fetch_back(SHOWN, b"")


# -- its table -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "storage"),
    [
        ({"folder": "web"}, Folder),
        ({"webdav": {"url": CLOUD, "username": "erika", "password": "hunter2"}}, Webdav),
        ({"command": "put {name} {file}", "remove_command": "remove {name}"}, Command),
    ],
    ids=["a folder", "WebDAV", "a command"],
)
def test_the_ways_to_publish(table: dict[str, Any], storage: type) -> None:
    publish = Publish.model_validate({"media_url": f"{MEDIA}/"} | table)
    place = publication(publish)
    assert isinstance(place.storage, storage) and place.media_url == MEDIA


def test_without_a_password_it_says_where_it_belongs() -> None:
    table = {"media_url": MEDIA, "webdav": {"url": CLOUD, "username": "erika"}}
    with pytest.raises(SetupError) as stopped:
        publication(Publish.model_validate(table))
    assert "FAXAPPEAL_PUBLISH__WEBDAV__PASSWORD" in stopped.value.hint


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "one of folder, webdav and command"),
        ({"folder": "x", "command": "a {name}", "remove_command": "b {name}"}, "one of"),
        ({"command": "a {name}"}, "belong together"),
        ({"folder": "x", "remove_command": "b {name}"}, "belong together"),
        ({"command": "a {file}", "remove_command": "b {name}"}, "command must say {name}"),
        ({"command": "a {name}", "remove_command": "b"}, "remove_command must say {name}"),
        ({"webdav": {"url": "http://cloud.example.org", "username": "x"}}, "https://"),
        ({"webdav": {"url": "https://cloud.example.org"}}, "username"),
    ],
    ids=[
        "no way",
        "two ways",
        "no way back",
        "a way back alone",
        "a command without a name",
        "a way back without a name",
        "not encrypted",
        "no user",
    ],
)
def test_settings_that_do_not_fit(table: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Publish.model_validate({"media_url": "https://www.example.org/faxes"} | table)
    assert words in str(refused.value)


@pytest.mark.parametrize("url", [url for url in BAD_URLS if "sinch.com" not in url])
def test_no_document_goes_to_a_strange_address(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Publish.model_validate({"folder": "x", "media_url": url})
    assert [error["loc"] for error in refused.value.errors()] == [("media_url",)]


@pytest.mark.parametrize(
    "url", ["https://media.example.org/faxes?a={name}", "https://media.example.org", MEDIA]
)
def test_addresses_that_are_right(url: str) -> None:
    assert Publish.model_validate({"folder": "x", "media_url": url}).media_url == url
