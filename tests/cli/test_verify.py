"""`faxappeal verify`: a person's check, written into the list and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faxappeal.core.lifecycle import HoldReason
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock


@pytest.fixture(autouse=True)
def _today(clock: FakeClock) -> None:
    """A Tuesday in November 2026."""


def test_a_stale_contact_goes_after_it_was_checked(tmp_path: Path) -> None:
    folder = write(tmp_path, settings='\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n')
    path = folder / "recipients.yaml"
    path.write_text(path.read_text().replace("2026-11-01", "2025-11-01"))
    assert "held: stale" in run("send", "--dry-run", folder=folder).out
    path.chmod(0o640)
    ended = run("verify", "one", "--method", "call", folder=folder)
    assert ended.code == 0 and "checked 2026-11-24 by Erika Mustermann (call)" in ended.out
    assert path.stat().st_mode & 0o777 == 0o640
    assert "held" not in run("send", "--dry-run", folder=folder).out
    assert run("check", "--strict", folder=folder).code == 0


def test_a_voice_is_forgiven_when_somebody_has_asked(tmp_path: Path) -> None:
    from faxappeal.campaign.delivery import keyed
    from faxappeal.ledger import rows
    from faxappeal.ledger.location import default_path
    from faxappeal.ledger.sqlite import SqliteStore

    folder = write(tmp_path, settings='\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n')
    with SqliteStore(default_path()).open() as ledger, ledger.transaction() as connection:
        key = keyed(ledger.key)("address", "fax", "+12025550101")
        rows.put_hold(connection, key, HoldReason.VOICE, FakeClock().now(), "nobody")
    assert "held: voice" in run("send", "--dry-run", folder=folder).out
    before = (folder / "recipients.yaml").read_text()
    refused = run("verify", "one", "--method", "website", folder=folder)
    assert refused.code == 2 and "verify one --method call" in refused.err, "a page cannot know"
    assert (folder / "recipients.yaml").read_text() == before
    ended = run("verify", "one", "--method", "call", "--by", "A. Person", folder=folder)
    assert "It was held: voice" in ended.out
    assert "held" not in run("send", "--dry-run", folder=folder).out
    again = run("verify", "one", "--method", "call", "--json", folder=folder)
    assert json.loads(again.out)["data"]["lifted"] is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["onne", "--method", "call"], "did you mean one?"),
        (["one", "--method", "call", "--channel", "email"], "one has no email"),
        (["two", "--method", "call"], "add --channel fax, or email"),
        (["three", "--method", "call"], "does not want to be written to"),
        (["four", "--method", "call"], "give each of its keys a line of its own"),
    ],
)
def test_what_cannot_be_verified(tmp_path: Path, words: list[str], told: str) -> None:
    folder = write(tmp_path, ["one +12025550101", "two +12025550102", "three +12025550103"])
    path = folder / "recipients.yaml"
    text = path.read_text().replace(
        '    fax: "+12025550102"', '    fax: "+12025550102"\n    email: two@example.org'
    )
    head, three, tail = text.partition("  - id: three")
    text = head + three + tail.replace("status: active", "status: opted_out")
    path.write_text(
        text + '  - {id: four, name: Four, country: US, source: abc, fax: "+12025550104"}\n'
    )
    before = path.read_bytes()
    ended = run("verify", *words, folder=folder)
    assert ended.code == 2 and told in ended.err
    assert path.read_bytes() == before


def test_a_retired_office_stays_retired_until_a_person_edits_its_line(tmp_path: Path) -> None:
    """The stricter status counts: one checked number does not bring the whole office back."""
    folder = write(tmp_path, ["one +12025550101"])
    path = folder / "recipients.yaml"
    text = path.read_text().replace("status: active", "status: retired")
    path.write_text(text.replace("    source:", "    email: one@example.org\n    source:"))
    before = path.read_bytes()
    ended = run("verify", "one", "--channel", "fax", "--method", "call", folder=folder)
    assert ended.code == 2 and "status: retired" in ended.err and "by hand" in ended.err
    assert path.read_bytes() == before


def test_a_full_disk_loses_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path)
    before = (folder / "recipients.yaml").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    ended = run("verify", "one", "--method", "call", folder=folder)
    assert ended.code == 5 and "No space left" in ended.err
    assert (folder / "recipients.yaml").read_bytes() == before
    assert {path.name for path in folder.iterdir()} == {
        "recipients.yaml",
        "letter.j2",
        "faxappeal.toml",
    }
