"""Where a document lies while an account fetches it: put there, seen, and taken away again."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.ledger.attempts import Attempts
from faxappeal.providers import publishing
from faxappeal.providers.base import Unreachable
from tests.support.campaigns import Ended, run, write
from tests.support.clock import FakeClock
from tests.support.fakes import signalwire
from tests.support.fakes.signalwire import SignalwireFake
from tests.support.fakes.web import Reply, Request, Web
from tests.support.servers.webdav import PASSWORD, USER, webdav


@pytest.fixture
def account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> Iterator[SignalwireFake]:
    clock.sleep(7 * 3600)
    for name, value in signalwire.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FAXAPPEAL_PUBLISH__WEBDAV__PASSWORD", PASSWORD)
    with signalwire.signalwire(tmp_path / "web") as fake:
        yield fake


def campaign(tmp_path: Path, account: SignalwireFake, way: str) -> Path:
    settings = signalwire.settings(account).replace(f'folder = "{account.folder}"\n', way)
    return write(tmp_path / "c", settings=settings)


def by_webdav(url: str) -> str:
    return f'[publish.webdav]\nurl = "{url}"\nusername = "{USER}"\n'


SCRIPT = """#!/bin/sh
case "$1" in
  put) cp "$3" "{web}/$2" ;;
  remove) rm -f "{web}/$2" ;;
esac
echo "hunter2" >&2
exit {code}
"""


def by_command(folder: Path, web: Path, code: int = 0) -> str:
    script = folder / "publish me"
    script.write_text(SCRIPT.format(web=web, code=code))
    script.chmod(stat.S_IRWXU)
    return (
        f"command = \"'{script}' put {{name}} {{file}}\"\n"
        f"remove_command = \"'{script}' remove {{name}}\"\n"
    )


def test_by_webdav(tmp_path: Path, account: SignalwireFake) -> None:
    with webdav(account.folder) as url:
        folder = campaign(tmp_path, account, by_webdav(url))
        [tried] = run("accounts", "--json", folder=folder).json["data"]["accounts"]
        seen = {check["name"]: check for check in tried["checks"]}
        assert seen["published folder"]["ok"] is True
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 0, ended
    assert account.documents[0].startswith(b"%PDF") and not list(account.folder.iterdir())
    name = account.faxes[0]["media"].rpartition("/")[2]
    assert len(name) >= 32, "it cannot be guessed"


def test_by_a_command(tmp_path: Path, account: SignalwireFake) -> None:
    folder = campaign(tmp_path, account, by_command(tmp_path, account.folder))
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 0, ended
    assert len(account.documents) == 1 and not list(account.folder.iterdir())


def test_where_the_address_has_the_name_in_the_middle(
    tmp_path: Path, account: SignalwireFake
) -> None:
    """As older Nextclouds show a file of a public folder: …/download?files=NAME."""

    def show(request: Request) -> Reply:
        [name] = request.query["files"]
        return Reply(200, (account.folder / name).read_bytes(), "application/pdf")

    with Web(show) as web:
        account.media_url = f"{web.url}/s/token/download?files={{name}}"
        folder = campaign(tmp_path, account, by_command(tmp_path, account.folder))
        assert run("send", "--yes", folder=folder).code == 0
    assert len(account.documents) == 1


def test_a_wrong_password_stops_the_run_and_says_where(
    tmp_path: Path, account: SignalwireFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAXAPPEAL_PUBLISH__WEBDAV__PASSWORD", "hunter2")
    with webdav(account.folder) as url:
        ended = run("send", "--yes", folder=campaign(tmp_path, account, by_webdav(url)))
    assert ended.code == 5 and "refuses the login" in ended.err and "Hint:" in ended.err
    assert "hunter2" not in ended.out + ended.err and not account.submissions


def test_a_folder_that_is_not_there(tmp_path: Path, account: SignalwireFake) -> None:
    with webdav(account.folder) as url:
        folder = campaign(tmp_path, account, by_webdav(f"{url}/not/there"))
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and "no such folder" in ended.err and not account.submissions


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (Reply(503), 3, ""),
        (Reply(cut=True), 3, ""),
        (Reply(507), 5, "no space left"),
        (Reply(302, headers=(("Location", "http://127.0.0.1:9/"),)), 5, "no such folder"),
    ],
)
def test_a_server_in_trouble(
    tmp_path: Path, account: SignalwireFake, answer: Reply, code: int, words: str
) -> None:
    """Nothing has left: what passes by itself is tried again, the rest is said."""
    with Web(lambda _request: answer) as web:
        folder = campaign(tmp_path, account, by_webdav(web.url))
        ended = run("send", "--yes", "--no-wait", folder=folder)
    assert ended.code == code and words in ended.err and not account.submissions
    [row] = run("status", "--offline", "--json", folder=folder).json["data"]["deliveries"]
    assert row["state"] == "waiting"


def test_a_command_that_fails(tmp_path: Path, account: SignalwireFake) -> None:
    folder = campaign(tmp_path, account, by_command(tmp_path, account.folder, code=1))
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and "publish.command failed" in ended.err and not account.submissions
    assert "hunter2" not in ended.out + ended.err + run("log", folder=folder).out


def test_what_could_not_be_taken_away_is_said(tmp_path: Path, account: SignalwireFake) -> None:
    way = by_command(tmp_path, account.folder)
    folder = campaign(tmp_path, account, way.replace("publish me' remove", "missing' remove"))
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 0, "the letter is delivered"
    assert "not-forgotten" in run("log", folder=folder).out
    assert len(list(account.folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "one of folder, webdav and command"),
        ('folder = "x"\ncommand = "a {name}"\nremove_command = "b {name}"\n', "one of"),
        ('command = "a {name}"\n', "belong together"),
        ('command = "a {file}"\nremove_command = "b {name}"\n', "must say {name}"),
        ('[publish.webdav]\nurl = "http://cloud.example.org"\nusername = "x"\n', "https://"),
        ('[publish.webdav]\nurl = "https://cloud.example.org"\n', "username is missing"),
    ],
)
def test_settings_that_do_not_fit(tmp_path: Path, table: str, words: str) -> None:
    settings = f'\n[publish]\nmedia_url = "https://www.example.org/faxes"\n{table}'
    ended = run("check", folder=write(tmp_path, settings=settings))
    assert ended.code == 1 and words in ended.out


def resolver(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """What a name leads to, without asking anybody."""

    def found(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        assert host == "media.example.org"
        return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "127.0.0.1", "100.64.0.1", "169.254.1.1", "fe80::1", "::ffff:10.0.0.5"]
)
def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Also where only one of its addresses does. Nobody is connected to."""
    resolver(monkeypatch, "93.184.215.14", address)
    with pytest.raises(SetupError, match="private network"):
        publishing._fetch_back("https://media.example.org/a.pdf", b"")


def test_a_name_that_is_not_found_may_be_found_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(Unreachable, match="is not found"):
        publishing._fetch_back("https://media.example.org/a.pdf", b"")


# U03 … U16 of the list of bad inputs: as an account's address, and as the published one
BAD_URLS = [
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://2130706433/",
    "https://127.1/",
    "https://127.0.0.1/",
    "https://0x7f000001/",
    "https://user:hunter2@example.org/",
    "https://api.sinch.com@evil.example/",
    "https://evil.example/api.sinch.com",
    "https://notsinch.com/",
    "http://fax.api.sinch.com/",
    "http://example.org/",
    "file:///etc/passwd",
    "https://100.64.0.1/",
    "https://[::1/",
    "https://example.org:port/",
    "",
]


def checked(tmp_path: Path, settings: str) -> Ended:
    return run("check", folder=write(tmp_path, settings=settings))


@pytest.mark.parametrize("url", BAD_URLS)
def test_no_key_goes_to_a_strange_address(tmp_path: Path, url: str) -> None:
    table = f'\n[fax.sinch]\nproject_id = "a"\nkey_id = "b"\nurl = "{url}"\n'
    ended = checked(tmp_path, table)
    assert ended.code == 1 and "fax.sinch.url" in ended.out, ended
    assert "hunter2" not in ended.out + ended.err


@pytest.mark.parametrize("url", [url for url in BAD_URLS if "sinch.com" not in url])
def test_no_document_goes_to_a_strange_address(tmp_path: Path, url: str) -> None:
    ended = checked(tmp_path, f'\n[publish]\nfolder = "x"\nmedia_url = "{url}"\n')
    assert ended.code == 1 and "publish.media_url" in ended.out, ended
    assert "hunter2" not in ended.out + ended.err


@pytest.mark.parametrize(
    "url", ["https://fax.api.sinch.com", "https://eu1.fax.api.sinch.com/", "http://127.0.0.1:8080"]
)
def test_addresses_that_are_right(tmp_path: Path, url: str) -> None:
    table = f'\n[fax.sinch]\nproject_id = "a"\nkey_id = "b"\nurl = "{url}"\n'
    media = '[publish]\nfolder = "x"\nmedia_url = "https://media.example.org/faxes?a={name}"\n'
    assert "url" not in checked(tmp_path, table + media).out


def test_one_environment_may_hold_the_secrets_of_many_accounts(
    tmp_path: Path, account: SignalwireFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password alone makes no account: its table is not asked for."""
    for name in ("FAX__SINCH__KEY_SECRET", "FAX__TELNYX__API_KEY", "EMAIL__SMTP__PASSWORD"):
        monkeypatch.setenv(f"FAXAPPEAL_{name}", "hunter2")
    folder = campaign(tmp_path, account, f'folder = "{account.folder}"\n')
    assert run("send", "--yes", folder=folder).code == 0


@pytest.mark.parametrize("remove", [SetupError, Unreachable])
def test_what_cannot_be_taken_away_hides_no_other_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remove: type[Exception]
) -> None:
    def fails(_name: str) -> None:
        raise remove("no", "")

    place = publishing.Folder(tmp_path)
    monkeypatch.setattr(place, "remove", fails)
    with Web(lambda _request: Reply(404)) as web, pytest.raises(SetupError, match="HTTP 404"):
        publishing.Publication(place, web.url).put("fa-1", b"%PDF")


def test_a_claim_that_was_lost_while_publishing_sends_nothing(
    tmp_path: Path, account: SignalwireFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it end the program where the document cannot be taken away just then; a later run
    does that."""

    record_departure, lost = Attempts.record_departure, [True]

    def loses_once(*arguments: Any) -> bool:
        return False if lost and lost.pop() else record_departure(*arguments)

    def fails(_self: object, _name: str) -> None:
        raise Unreachable("the published document")

    folder = campaign(tmp_path, account, f'folder = "{account.folder}"\n')
    with monkeypatch.context() as patched:
        patched.setattr(Attempts, "record_departure", loses_once)
        patched.setattr(publishing.Folder, "remove", fails)
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 0 and account.submissions == 1
    assert len(list(account.folder.iterdir())) == 2
    run("send", "--yes", folder=folder)
    assert not list(account.folder.iterdir())


def test_a_full_disk_stops_the_run_and_says_so(
    tmp_path: Path, account: SignalwireFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    folder = campaign(tmp_path, account, by_command(tmp_path, account.folder))
    monkeypatch.setattr("tempfile.TemporaryDirectory", full)
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and "No space left" in ended.err and "Hint:" in ended.err


def test_an_env_that_is_no_file(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / ".env").mkdir(mode=0o700)
    ended = run("check", folder=folder)
    assert ended.code == 5 and ".env cannot be read" in ended.err and "Hint:" in ended.err


def test_the_page_of_an_unknown_fax_goes_when_a_person_has_found_out(
    tmp_path: Path, account: SignalwireFake
) -> None:
    """Until then the account may still fetch it."""
    account.after = lambda _request: Reply(cut=True)
    folder = campaign(tmp_path, account, f'folder = "{account.folder}"\n')
    assert run("send", "--yes", folder=folder).code == 4
    run("send", "--yes", folder=folder)
    assert len(list(account.folder.iterdir())) == 1
    [row] = run("status", "--offline", "--json", folder=folder).json["data"]["deliveries"]
    assert run("resolve", row["delivery"], "delivered", folder=folder).code == 0
    run("send", "--yes", folder=folder)
    assert not list(account.folder.iterdir()) and len(account.faxes) == 1
