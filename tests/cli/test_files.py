"""A folder that was cloned: nothing is written or read through a link that lies in it."""

from __future__ import annotations

import os
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.support.campaigns import run, write
from tests.support.fakes import sinch

SECRET = "FAXAPPEAL_EMAIL__SMTP__PASSWORD=hunter2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A campaign whose letter goes by fax and by e-mail; `bashrc` lies outside it."""
    folder = write(tmp_path / "campaign", ["one one@example.org", "two +12025550101"])
    (tmp_path / "bashrc").write_text("mine")
    return folder


def link_and_name(folder: Path, name: str) -> None:
    """A letter with an attachment of this name."""
    letter = folder / "letter.j2"
    text = letter.read_text(encoding="utf-8")
    letter.write_text(text.replace("---\n", f"---\nattachments: ['{name}']\n", 1), encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    ["one-email.eml", "one-email.eml.part", ".one-email.eml.part", "two-fax.tif", "two-fax.pdf"],
)
def test_a_dry_run_writes_through_no_link(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / "outbox").mkdir()
    (folder / "outbox" / name).symlink_to(tmp_path / "bashrc")
    ended = run("send", "--dry-run", folder=folder)
    assert ended.code == 0
    assert (tmp_path / "bashrc").read_text() == "mine"
    assert (folder / "outbox" / "one-email.eml").is_file()


def test_an_outbox_that_is_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (folder / "outbox").symlink_to(tmp_path / "home")
    ended = run("send", "--dry-run", folder=folder)
    assert ended.code == 5 and "outbox is a link" in ended.err
    assert not list((tmp_path / "home").iterdir())


def test_a_lock_in_the_campaigns_folder_empties_no_other_file(
    folder: Path, tmp_path: Path, account: sinch.SinchFake, office_hours: None
) -> None:
    toml = folder / "faxappeal.toml"
    ledger = f'\n[ledger]\nurl = "sqlite:///{folder}/data/ledger.db"\n'
    toml.write_text(toml.read_text() + sinch.settings(account) + ledger)
    (folder / "data").mkdir()
    (folder / "data" / "lock.holder").symlink_to(tmp_path / "bashrc")
    run("send", "--yes", "--channel", "fax", folder=folder)
    assert len(account.faxes) == 1
    assert (tmp_path / "bashrc").read_text() == "mine"


# what an attachment or a picture may not be; `facts.pdf` and `.env` are in the folder
OWN = [".env", "recipients.yaml", "letter.j2", "faxappeal.toml", "senders.csv"]


@pytest.mark.parametrize(
    ("target", "hard"),
    [
        *((name, hard) for name in OWN for hard in (False, True)),
        *((name, False) for name in ("facts.pdf", "sub/facts.pdf", "/etc/hostname", "nowhere")),
    ],
)
def test_an_attachment_is_no_link(folder: Path, target: str, hard: bool) -> None:
    (folder / ".env").write_text(SECRET)
    (folder / ".env").chmod(0o600)
    (folder / "senders.csv").write_text("id,name,place,consent\n")
    (folder / "senders.csv").chmod(0o600)
    (folder / "sub").mkdir()
    for name in ("facts.pdf", "sub/facts.pdf"):
        (folder / name).write_bytes(b"%PDF-1.4")
    if hard:
        os.link(folder / target, folder / "brief.pdf")
    else:
        (folder / "brief.pdf").symlink_to(target)
    link_and_name(folder, "brief.pdf")
    ended = run("check", folder=folder)
    assert ended.code == 1 and "brief.pdf: " in ended.out
    assert run("send", "--dry-run", folder=folder).code == 1
    assert "hunter2" not in ended.out and not (folder / "outbox").exists()


def test_an_attachment_lies_behind_no_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "facts.pdf").write_bytes(b"%PDF-1.4")
    (folder / "sub").symlink_to(tmp_path / "elsewhere")
    link_and_name(folder, "sub/facts.pdf")
    assert run("check", folder=folder).code == 1


@pytest.mark.parametrize(
    "name",
    [
        *("recipients.yaml", "Recipients.YAML", "faxappeal.toml", "FAXAPPEAL.TOML", "senders.csv"),
        *("Senders.Csv", "letter.j2", "LETTER.J2", "letter.fr.j2", "deliveries.jsonl"),
        *("outbox/one-email.eml", "Outbox/x.pdf", "faxappeal.toml.", "senders.csv "),
        "\u017fenders.csv",  # a long s, which no letter case tells from s
    ],
)
def test_the_campaigns_own_files_are_not_attached(folder: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.write_text("id,name,place,consent\n")
        path.chmod(0o600)
    link_and_name(folder, name)
    ended = run("check", folder=folder)
    assert ended.code == 1 and "the campaign's own file" in ended.out, ended


def test_a_picture_is_no_link(folder: Path) -> None:
    (folder / ".env").write_text(SECRET)
    (folder / ".env").chmod(0o600)
    (folder / "sig.png").symlink_to(".env")
    letter = folder / "letter.j2"
    letter.write_text(letter.read_text() + "\n![signature](sig.png)\n")
    ended = run("check", folder=folder)
    assert ended.code == 1 and "sig.png" in ended.out and "a link" in ended.out


def test_a_plain_file_is_attached(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "facts.pdf").write_bytes(b"%PDF-1.4 facts")
    link_and_name(folder, "sub/facts.pdf")
    assert run("send", "--dry-run", folder=folder).code == 0
    raw = (folder / "outbox" / "one-email.eml").read_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    names = [part.get_filename() for part in message.iter_attachments()]
    assert names == ["test.pdf", "facts.pdf"]
