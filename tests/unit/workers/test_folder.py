"""A campaign's folder, which a person may bring up to date while workers run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from faxappeal.core.errors import UsageError
from faxappeal.core.finding import InvalidCampaign
from faxappeal.ledger.postgres import PostgresStore
from faxappeal.ledger.sqlite import SqliteStore
from faxappeal.workers import folder as module
from faxappeal.workers.folder import CampaignFolder
from faxappeal.workers.worker import PlanMismatch
from tests.support.appeal import png
from tests.support.campaigns import write
from tests.support.clock import FakeClock
from tests.support.job_queue import URL
from tests.support.renderer import InProcess
from tests.support.uptime import Uptime, uptime_of

REFUSED = "does not pass faxappeal check"


@pytest.fixture
def uptime(monkeypatch: pytest.MonkeyPatch) -> Uptime:
    monkeypatch.setattr(module, "TemplateProcess", InProcess)
    return uptime_of(module, monkeypatch)


@pytest.fixture
def path(tmp_path: Path, uptime: Uptime) -> Path:
    return write(tmp_path / "campaign")


def opened(path: Path) -> CampaignFolder:
    return CampaignFolder(path, FakeClock(), InProcess())


def edit(path: Path, name: str, old: str, new: str) -> None:
    """A file of the folder has other words from now on."""
    text = (path / name).read_text(encoding="utf-8")
    assert old in text
    (path / name).write_text(text.replace(old, new), encoding="utf-8")


# -- what it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "kind"),
    [("", SqliteStore), (f'[ledger]\nurl = "{URL}"\n', PostgresStore)],
    ids=["in a file", "in a database"],
)
def test_it_names_its_campaign_and_the_ledger(
    tmp_path: Path, uptime: Uptime, settings: str, kind: type
) -> None:
    folder = opened(write(tmp_path, settings=settings))
    assert folder.id == "test" and isinstance(folder.store, kind)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda path: edit(path, "letter.j2", "to.salutation", "to.nothing"), InvalidCampaign),
        (lambda path: (path / "recipients.yaml").unlink(), UsageError),
    ],
    ids=["an error in a file", "a file is missing"],
)
def test_a_folder_that_does_not_pass_its_check_is_not_opened(
    path: Path, change: Callable[[Path], None], error: type[Exception]
) -> None:
    change(path)
    with pytest.raises(error):
        opened(path)


def test_it_stays_the_same_folder_when_the_program_goes_to_another_one(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path)
    folder = opened(Path())
    monkeypatch.chdir(tmp_path)
    edit(path, "letter.j2", "please", "please do")
    assert "please do" in folder.campaign().letter.body


# -- a file is another one -------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, 3600])
def test_while_no_file_changes_it_is_the_same_campaign(
    path: Path, uptime: Uptime, seconds: float
) -> None:
    folder = opened(path)
    before = folder.latest
    uptime.passes(seconds)
    assert folder.campaign() is before


def _appears(path: Path) -> None:
    (path / "senders.csv").write_text("id,name,place,consent\na,Ada,Berlin,2026-11-01\n")
    (path / "senders.csv").chmod(0o600)


def _secret(path: Path) -> None:
    (path / ".env").write_text("FAXAPPEAL_EMAIL__SMTP__PASSWORD=hunter2\n")
    (path / ".env").chmod(0o600)


def _replaced(path: Path) -> None:
    """By a file of the same size and time."""
    old = path / "letter.j2"
    stat = old.stat()
    new = path / "letter.new"
    new.write_text(old.read_text().replace("please", "plause"))
    os.utime(new, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    new.rename(old)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: edit(path, "letter.j2", "please", "please do"),
        lambda path: edit(path, "recipients.yaml", "Office one", "Ministry"),
        lambda path: edit(path, "faxappeal.toml", "Erika", "Ada"),
        _appears,
        _secret,
        _replaced,
    ],
    ids=["the letter", "the list", "the settings", "senders", "a secret", "another file"],
)
def test_a_change_is_seen_at_once(path: Path, change: Callable[[Path], None]) -> None:
    folder = opened(path)
    before = folder.latest
    change(path)
    after = folder.campaign()
    assert after is not before and folder.latest is after
    assert folder.campaign() is after, "and read once"


# -- while it is being edited ----------------------------------------------------------------------


def test_half_a_file_is_refused_until_it_is_whole_again(path: Path) -> None:
    folder = opened(path)
    before = folder.latest
    edit(path, "recipients.yaml", "status: active", "status: acti")
    for _ in range(2):
        with pytest.raises(PlanMismatch, match=REFUSED):
            folder.campaign()
    assert folder.latest is before, "what passed its check stays known"
    edit(path, "recipients.yaml", "status: acti", "status: active")
    assert folder.campaign().recipients.get("one")


def test_a_file_that_is_gone_for_a_moment_is_refused(path: Path) -> None:
    folder = opened(path)
    (path / "letter.j2").rename(path / "letter.old")
    with pytest.raises(PlanMismatch, match=REFUSED):
        folder.campaign()
    (path / "letter.old").rename(path / "letter.j2")
    assert folder.campaign().letter


PICTURE = "---\nsubject: Please answer\n---\n{{ to.salutation }},\n\n![us](us.png)\n"


@pytest.mark.parametrize(
    ("seconds", "is_seen"), [(29.9, False), (30.0, True)], ids=["too soon", "after half a minute"]
)
def test_a_folder_that_did_not_pass_is_looked_at_again_though_no_file_of_it_changed(
    path: Path, uptime: Uptime, seconds: float, is_seen: bool
) -> None:
    """The picture is not among the files whose change is seen."""
    folder = opened(path)
    (path / "letter.j2").write_text(PICTURE)
    with pytest.raises(PlanMismatch):
        folder.campaign()
    (path / "us.png").write_bytes(png(40, 40))
    uptime.passes(seconds)
    if is_seen:
        assert folder.campaign().letter
        return
    with pytest.raises(PlanMismatch):
        folder.campaign()


@pytest.mark.parametrize(
    ("seconds", "doubtful", "is_read"),
    [(0, True, False), (29.9, True, False), (30.0, True, True), (30.0, False, False)],
    ids=["read just now", "a while ago", "half a minute ago", "without a doubt"],
)
def test_a_doubtful_letter_has_the_folder_read_once_more(
    path: Path, uptime: Uptime, seconds: float, doubtful: bool, is_read: bool
) -> None:
    folder = opened(path)
    before = folder.latest
    uptime.passes(seconds)
    after = folder.campaign(doubtful=doubtful)
    assert (after is not before) is is_read
    assert folder.campaign(doubtful=doubtful) is after, "once"
