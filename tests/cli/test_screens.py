"""Every screen and every export, with hostile text in it: what a list, an account and a far end say
is shown, and does nothing. The terminal, html and csv cases on all commands at once."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from faxappeal.core.text import invisible
from tests.support.campaigns import RECIPIENT, run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch

# markup of Rich, an emoji's name, HTML, a formula; then what only comes from outside the list
NAMED = "=1+1 [red]Ministry[/red] [/] :warning: <script>alert(1)</script>"
RAW = "\x1b[2J\x1b]0;pwned\x07\x9b31m\u202etxet [/red]\rfailed\n2026-11-23 sent ok"
COMMANDS = (
    ["check"],
    ["preview"],
    ["send", "--dry-run"],
    ["status", "--offline"],
    ["status", "--offline", "--csv"],
    ["log"],
    ["log", "--csv"],
    ["log", "--json"],
    ["report"],
    ["privacy"],
)


@pytest.fixture
def hostile(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, nobody: Path
) -> Path:
    """A campaign whose letter was delivered, and whose ledger has the far end's words."""
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    clock.sleep(7 * 3600)
    recipients = "recipients:\n" + RECIPIENT.format(id="one", contact='fax: "+12025550101"')
    with sinch.sinch() as account:
        folder = write(
            tmp_path / "c",
            recipients.replace("name: Office one", f'name: "{NAMED}"\n    office: "{NAMED}"'),
            settings=sinch.settings(account),
        )
        assert run("send", "--yes", folder=folder).code == 0
    with sqlite3.connect(nobody / "data" / "faxappeal" / "ledger.db") as ledger:
        ledger.execute("UPDATE event SET raw = ?, note = ?, station = ?", (RAW, RAW, RAW))
        ledger.execute("UPDATE delivery SET note = ?", (RAW,))
    return folder


def lines_of(text: str) -> list[str]:
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
    return re.sub(r"\r+\n", "\n", plain).split("\n")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_nothing_gets_through(hostile: Path, words: list[str]) -> None:
    ended = run(*words, folder=hostile)
    for line in (ended.out + ended.err).replace("\r\n", "\n").split("\n"):
        assert not invisible(line), repr(line)
        # a line break in a quoted cell is the spreadsheet's
        assert "--csv" in words or not line.startswith("2026-11-23"), "a forged line"
    if words[0] in ("preview", "send"):
        assert "[red]Ministry[/red] [/] :warning:" in ended.out


@pytest.mark.parametrize("redact", [[], ["--redact"]], ids=["whole", "redacted"])
def test_nor_into_the_proof(hostile: Path, redact: list[str]) -> None:
    assert run("report", "--html", "a.html", "--pdf", "a.pdf", *redact, folder=hostile).code == 0
    text = (hostile / "a.html").read_text(encoding="utf-8")
    assert "<script" not in text and "&lt;script&gt;" in text
    assert not [line for line in text.split("\n") if invisible(line)]


@pytest.mark.parametrize("words", [["log", "--csv"], ["status", "--offline", "--csv"]])
def test_nor_into_a_spreadsheet(hostile: Path, words: list[str]) -> None:
    for cell in re.findall(r'"([^"]*)"', run(*words, folder=hostile).out):
        assert not re.match(r"[=+\-@]", cell), cell
