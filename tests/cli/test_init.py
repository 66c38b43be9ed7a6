"""`faxappeal init`: what it writes passes once it is filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from faxappeal.providers import fax
from tests.support.campaigns import run

SIX = ["--name", "Für Erika!", "--sender", 'Erika "E." Müller', "--phone", "+49 30 23125 012"]
SIX += ["--email", "erika@example.org", "--account", "hylafax", "--mail-server", "mail.example.org"]
# what a person would write over a mark, by the key before it
FILLED = {
    "country": "DE",
    "fax": "+49 30 23125 012",
    "phone": "+49 30 23125 012",
    "from": "+49 30 23125 012",
    "email": "office@example.org",
    "username": "office@example.org",
    "host": "mail.example.org",
    "url": "https://example.signalwire.com",
    "account": "hylafax",
}


def fill(folder: Path) -> int:
    """Write something over each mark, as its key wants it; how many those were."""
    count = 0
    for name in ("recipients.yaml", "letter.j2", "faxappeal.toml"):
        path = folder / name
        lines = path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines):
            if "FILL IN" in line and not line.lstrip().startswith("#"):
                key = line.strip().split(":" if name != "faxappeal.toml" else " =")[0]
                lines[number] = re.sub(r'FILL IN[^"]*', FILLED.get(key, "our words"), line)
                count += 1
        path.write_text("\n".join(lines), encoding="utf-8")
    return count


WAYS = [(account, server) for account in fax.names() for server in ("mail.example.org", "none")]


@pytest.mark.parametrize(("account", "server"), [*WAYS, ("none", "mail.example.org")])
def test_it_passes_once_it_is_filled_in(tmp_path: Path, account: str, server: str) -> None:
    words = ("--account", account, "--mail-server", server)
    ended = run("init", "c", *words, folder=tmp_path)
    assert ended.code == 0
    [told] = re.findall(r"Fill in the (\d+) places marked FILL IN, then:", ended.out)
    ended = run("check", folder=tmp_path / "c")
    assert ended.code == 1 and ended.out.count(" error fill-in ") == int(told)
    assert f"0 recipients checked: {told} errors, 0 warnings." in ended.out
    assert fill(tmp_path / "c") == int(told)
    ended = run("check", "--strict", folder=tmp_path / "c")
    assert (ended.code, ended.out) == (0, "1 recipient checked: 0 errors, 0 warnings.\n")
    assert run("send", "--dry-run", folder=tmp_path / "c").code == 0


def test_without_an_account_one_is_to_be_filled_in(tmp_path: Path) -> None:
    run("init", "c", folder=tmp_path)
    ended = run("check", folder=tmp_path / "c")
    assert "Hint: write one of hylafax, interfax, signalwire, sinch, telnyx" in ended.out
    fill(tmp_path / "c")
    ended = run("check", folder=tmp_path / "c")
    assert "the table [fax.hylafax] is missing" in ended.out


def test_the_next_command_names_the_folder(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    ended = run("init", *SIX, folder=tmp_path / "here")
    assert ended.out.endswith(":\n    faxappeal check\n")
    assert run("init", "a b", folder=tmp_path).out.endswith("    faxappeal -C 'a b' check\n")
    data = run("init", "c", "--json", folder=tmp_path).json["data"]
    assert data["folder"] == "c" and "letter.j2" in data["files"] and data["marks"] > 10


def test_what_helps_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine")
    ended = run("init", folder=tmp_path)
    assert "Left as it was: .gitignore" in ended.out
    assert (tmp_path / ".gitignore").read_text() == "mine"


def test_nothing_is_sent_while_a_mark_is_left(tmp_path: Path) -> None:
    run("init", "c", *SIX, folder=tmp_path)
    for words in (["send", "--yes"], ["preview"]):
        ended = run(*words, folder=tmp_path / "c")
        assert ended.code == 1 and "this place is yours to fill in" in ended.err
