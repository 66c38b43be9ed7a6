"""`faxappeal report`: what it tells, what it hides, and whether people can read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from tests.support.campaigns import RECIPIENT, run, write
from tests.support.clock import FakeClock
from tests.support.fakes import fax_accounts, sinch

if TYPE_CHECKING:
    pass

FATES = fax_accounts()["sinch"].FATES
NOBODY = '\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "127.0.0.1"\nport = 9\n'
NAMED = 'Ministry <script>alert(1)</script> \\" onload=x of Justice'
PEOPLE = (
    "recipients:\n"
    + "".join(
        RECIPIENT.format(id=id, contact=f'fax: "+1 202 555 01{number:02}"')
        for number, id in enumerate(("council", "ministry", "embassy", "office"), 1)
    ).replace("Office ministry", f'"{NAMED}"')
    + RECIPIENT.format(id="desk", contact="email: desk@example.org")
)


@pytest.fixture
def sent(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A campaign of which one fax was delivered, one met a voice, one is unknown, one waits, and
    the e-mail waits."""
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    clock.sleep(7 * 3600)
    with sinch.sinch() as account:
        account.endings.update(
            {"0102": FATES["voice"], "0103": FATES["after a page"], "0104": FATES["busy"]}
        )
        folder = write(tmp_path / "c", PEOPLE, settings=sinch.settings(account) + NOBODY)
        run("send", "--yes", "--no-wait", folder=folder)
        for _ in range(3):
            clock.sleep(20)
            run("status", folder=folder)
    return folder


def pdf_text(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


# -- what it tells ---------------------------------------------------------------------------------


def test_json_has_every_letter_with_its_history(sent: Path) -> None:
    data = run("report", "--json", folder=sent).json["data"]
    assert data["states"] == {"delivered": 1, "held": 1, "unknown": 1, "waiting": 2}
    council = data["letters"][0]
    assert council["address"] == "+12025550101" and council["state"] == "delivered"
    assert council["at"].endswith("+01:00") and council["there"].endswith("-05:00")
    assert council["facts"]["pages"] == 1
    assert council["facts"]["account_reference"] == "01SINCH000000"
    events = [step["event"] for step in council["history"]]
    assert events == ["planned", "submitting", "leaving", "accepted", "delivered", "forgotten"]
    assert data["letters"][1]["cause"] == "voice"


def test_without_a_file_it_is_told_in_short(sent: Path) -> None:
    ended = run("report", folder=sent)
    assert ended.code == 0
    assert "5 letters: 1 held, 2 waiting, 1 delivered, 1 unknown." in ended.out
    assert "faxappeal report --html FILE" in ended.out


def test_a_fax_is_in_no_mailbox(sent: Path) -> None:
    run("report", "--html", "a.html", folder=sent)
    text = (sent / "a.html").read_text(encoding="utf-8")
    assert "delivered: the far end confirmed all pages</dd>" in text


def test_before_anything_was_sent(tmp_path: Path) -> None:
    folder = write(tmp_path / "c")
    assert "0 letters" in run("report", folder=folder).out
    assert run("report", "--html", "a.html", "--pdf", "a.pdf", folder=folder).code == 0
    assert "Nothing was sent yet." in (folder / "a.html").read_text(encoding="utf-8")
    assert "Nothing was sent yet." in pdf_text(folder / "a.pdf")


def test_it_is_told_while_the_letter_and_the_list_are_being_edited(sent: Path) -> None:
    (sent / "letter.j2").write_text("---\nsubject: x\n---\n{{ nobody }}\n")
    (sent / "recipients.yaml").write_text("recipients:\n")
    data = run("report", "--json", folder=sent).json["data"]
    assert data["letters"][0]["recipient"] == "council"
    assert data["letters"][0]["there"].endswith("-05:00"), "by the number"


def test_a_test_letter_is_no_proof(sent: Path, clock: FakeClock) -> None:
    with sinch.sinch() as account:
        settings = sinch.settings(account) + NOBODY
        text = (sent / "faxappeal.toml").read_text().partition("\n[fax]")[0]
        (sent / "faxappeal.toml").write_text(
            text.replace('phone = "', 'fax = "+49 30 23125 099"\nphone = "') + settings
        )
        run("send", "--to-me", "--yes", "--no-wait", "--channel", "fax", folder=sent)
        assert account.faxes
    data = run("report", "--json", folder=sent).json["data"]
    assert len(data["letters"]) == 5


def test_after_a_purge_it_says_so(sent: Path, clock: FakeClock) -> None:
    clock.sleep(40 * 24 * 3600)
    run("purge", folder=sent)
    data = run("report", "--json", folder=sent).json["data"]
    assert data["letters"][0]["address"] == "forgotten by a purge"
    assert run("report", "--html", "a.html", "--pdf", "a.pdf", folder=sent).code == 0


def test_it_is_never_written_over_a_file_and_is_for_its_owner_alone(sent: Path) -> None:
    (sent / "a.html").write_text("mine")
    ended = run("report", "--html", "a.html", folder=sent)
    assert ended.code == 2 and "a.html is there already" in ended.err  # P05
    assert (sent / "a.html").read_text() == "mine"
    assert run("report", "--html", "b.html", folder=sent).code == 0
    assert (sent / "b.html").stat().st_mode & 0o077 == 0
    assert run("report", "--html", "a.html", "--force", folder=sent).code == 0
    assert "Proof of sending" in (sent / "a.html").read_text(encoding="utf-8")
    for place, said in (
        ("new/b.html", "there is no folder new"),
        ("letter.j2/b", "is a file, not"),
    ):
        ended = run("report", "--html", place, folder=sent)
        assert ended.code == 2 and said in ended.err and not (sent / "new").exists()


# -- what it hides ---------------------------------------------------------------------------------

HARMFUL = ("Mustermann", "appeals@example.org", "23125", "2025550101", "desk@", "SINCH", "sinch")


def test_redacted_it_leads_to_nobody(sent: Path) -> None:
    run("report", "--redact", "--html", "a.html", "--pdf", "a.pdf", folder=sent)
    html, pdf = (sent / "a.html").read_text(encoding="utf-8"), pdf_text(sent / "a.pdf")
    for told in (html, pdf, run("report", "--redact", "--json", folder=sent).out):
        assert not [word for word in HARMFUL if word in told]
        assert "+1…01" in told and "+01:00" not in told, "nor where the sender's clock stands"
    assert "<img" not in html
    with pypdfium2.PdfDocument(sent / "a.pdf") as document:
        assert not [o for page in document for o in page.get_objects() if o.type == 3], "pictures"


# -- whether people can read it --------------------------------------------------------------------


def test_as_pdf_it_says_the_same_and_is_tagged(sent: Path) -> None:
    run("report", "--pdf", "a.pdf", folder=sent)
    text = pdf_text(sent / "a.pdf")
    for words in ("council, by fax: delivered", "+12025550101", "01SINCH000000", "<script>"):
        assert words in text
    data = (sent / "a.pdf").read_bytes()
    assert b"pdfuaid" in data and b"/Lang" in data
