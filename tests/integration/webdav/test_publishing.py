"""Where a document lies while an account fetches it: put there, seen, and taken away again."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.campaigns import run, write
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


def test_an_env_that_is_no_file(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / ".env").mkdir(mode=0o700)
    ended = run("check", folder=folder)
    assert ended.code == 5 and ".env cannot be read" in ended.err and "Hint:" in ended.err
