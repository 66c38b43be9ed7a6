"""Each file of a campaign is read once by a command: a file that is saved meanwhile is not half
of one version and half of another."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.campaigns import run, write
from tests.support.fakes import sinch

FILES = ("recipients.yaml", "letter.j2", "faxappeal.toml", "senders.csv", ".env", "facts.pdf")
_watching: list[tuple[Path, Counter[str]]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook cannot be taken away again: it looks only while somebody counts."""
    if event == "open" and _watching and isinstance(arguments[0], str | Path):
        folder, opened = _watching[0]
        path = Path(arguments[0]).absolute()
        if path.parent == folder:
            opened[path.name] += 1


sys.addaudithook(_hook)


@contextmanager
def opens(folder: Path) -> Iterator[Counter[str]]:
    """How often each file of a folder is opened meanwhile."""
    opened: Counter[str] = Counter()
    _watching.append((folder, opened))
    try:
        yield opened
    finally:
        _watching.clear()


@pytest.fixture
def folder(tmp_path: Path, account: sinch.SinchFake, office_hours: None) -> Path:
    """A campaign with every kind of file, a delivered letter and one on the line."""
    folder = tmp_path / "campaign"
    letter = (
        "---\nsubject: Please answer\nattachments: [facts.pdf]\n---\n{{ to.salutation }},\n\ndo.\n"
    )
    write(folder, ["one +12025550101", "two +12025550102"], letter, sinch.settings(account))
    (folder / "facts.pdf").write_bytes(b"%PDF-1.4")
    (folder / "senders.csv").write_text("id,name,place,consent\na,Ada Example,Berlin,2026-11-01\n")
    (folder / ".env").write_text("FAXAPPEAL_PACING__ATTEMPTS=3\n")
    for name in ("senders.csv", ".env"):
        (folder / name).chmod(0o600)
    account.endings["0102"] = {"status": "IN_PROGRESS"}
    assert run("send", "--yes", "--no-wait", folder=folder).code in (0, 3)
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["preview"],
        ["preview", "--out", "look"],
        ["send", "--dry-run"],
        ["send", "--dry-run", "--to-me", "--channel", "email"],
        ["status"],
        ["status", "--offline"],
        ["status", "--json"],
    ],
    ids=" ".join,
)
def test_each_file_is_opened_once(folder: Path, words: list[str]) -> None:
    with opens(folder) as opened:
        ended = run(*words, folder=folder)
    assert ended.code in (0, 3), ended
    assert {name: opened[name] for name in FILES} == dict.fromkeys(FILES, 1)
