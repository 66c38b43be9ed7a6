"""Proof of sending: from the ledger to the screen, to HTML and to PDF."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from faxappeal.commands.purge import purge
from faxappeal.commands.report import report
from faxappeal.core.errors import UsageError
from faxappeal.core.finding import InvalidCampaign
from faxappeal.core.lifecycle import State
from faxappeal.report.model import Report
from tests.support.campaigns import write
from tests.support.commands import SMTP, Surroundings


def reported(
    around: Surroundings,
    *,
    html: Path | None = None,
    pdf: Path | None = None,
    redact: bool = False,
    overwrite: bool = False,
) -> Report:
    data: Report = report(
        around.environment, html=html, pdf=pdf, redact=redact, overwrite=overwrite
    ).data
    return data


@pytest.fixture
def sent(around: Surroundings) -> Surroundings:
    """A fax that was delivered, one that waits, and an e-mail that a server has."""
    around.write("one +12025550101", "two +12025550102", "mail office@example.org", settings=SMTP)
    with around.plan() as plan:
        content = {row.recipient: content_of(plan, row) for row in plan.rows}
    around.end(State.DELIVERED, "one", content=content["one"])
    around.end(State.WAITING, "two")
    around.end(State.ACCEPTED, "mail", content=content["mail"])
    return around


def content_of(plan: Any, row: Any) -> str:
    """The hash of a letter as the program writes it."""
    letters = plan.context.letters()
    content: str = letters.content_sha256(row.delivery)
    return content


def states(data: Report) -> dict[str, str]:
    return {letter.recipient: letter.state for letter in data.sheets}


def text_of(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


# -- what it tells -----------------------------------------------------------------------------------


def test_each_letter_is_reported_as_it_stands(sent: Surroundings) -> None:
    assert states(reported(sent)) == {"one": "delivered", "two": "waiting", "mail": "accepted"}


def test_no_account_is_asked(sent: Surroundings) -> None:
    reported(sent)
    assert sent.opened == []


def test_before_anything_was_sent(around: Surroundings, tmp_path: Path, nobody: Path) -> None:
    data = reported(around, html=tmp_path / "a.html", pdf=tmp_path / "a.pdf")
    assert data.sheets == ()
    assert "Nothing was sent yet." in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "Nothing was sent yet." in text_of(tmp_path / "a.pdf")
    assert not (nobody / "data").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("letter.j2", "---\nsubject: x\n---\n{{ nothing_of_that_name }}\n"),
        ("letter.j2", "no head"),
        ("recipients.yaml", "recipients:\n"),
        ("recipients.yaml", "recipients: ["),
    ],
    ids=["another letter", "no letter", "an empty list", "no list"],
)
def test_it_is_made_while_the_letter_or_the_list_is_being_edited(
    sent: Surroundings, tmp_path: Path, name: str, text: str
) -> None:
    (sent.folder / name).write_text(text, encoding="utf-8")
    data = reported(sent, html=tmp_path / "a.html")
    assert states(data) == {"one": "delivered", "two": "waiting", "mail": "accepted"}


def test_settings_that_cannot_be_read_are_an_error(sent: Surroundings) -> None:
    (sent.folder / "faxappeal.toml").write_text("oops", encoding="utf-8")
    with pytest.raises(InvalidCampaign):
        reported(sent)


def test_after_a_purge_it_says_so(sent: Surroundings) -> None:
    sent.clock.sleep(timedelta(days=40).total_seconds())
    purge(sent.folder, sent.clock, "28d", lambda _letters: True)
    addresses = {letter.recipient: letter.address for letter in reported(sent).sheets}
    assert addresses["one"] == "forgotten by a purge" and addresses["two"] == "+12025550102"


@pytest.mark.parametrize(
    ("changed", "is_shown"),
    [
        ({}, True),
        ({"letter.j2": ("please answer", "please do answer")}, False),
        ({"letter.j2": ("{{ to.salutation }}", "{{ to.office.nowhere }}")}, False),
        ({"faxappeal.toml": ('account = "smtp"', 'account = "smtp"\npdf = false')}, False),
    ],
    ids=["as it was sent", "changed since", "cannot be written", "no page goes with an e-mail"],
)
def test_an_email_is_shown_with_the_page_that_was_sent(
    sent: Surroundings, changed: dict[str, tuple[str, str]], is_shown: bool
) -> None:
    """Not with the page of another letter."""
    for name, (words, by) in changed.items():
        sent.change(name, words, by)
    [email] = [letter for letter in reported(sent).sheets if letter.recipient == "mail"]
    assert bool(email.page.png) is is_shown


def test_an_email_of_one_of_many_senders_is_shown_with_its_page(around: Surroundings) -> None:
    write(around.folder, ["mail office@example.org"], settings=SMTP + '[senders]\nmode = "each"\n')
    path = around.folder / "senders.csv"
    path.write_text("id,name,place,consent\ns-1,Paula,,2026-11-20\ns-2,Max,,2026-11-20\n")
    path.chmod(0o600)
    around.change("letter.j2", "please answer.", "{{ sender.name }} asks you.")
    with around.plan() as plan:
        content = content_of(plan, plan.rows[1])
    around.end(State.ACCEPTED, content=content)
    assert [bool(letter.page.png) for letter in reported(around).sheets] == [False, True]


# -- where it is written -----------------------------------------------------------------------------


def test_it_is_written_where_a_person_wants_it(sent: Surroundings, tmp_path: Path) -> None:
    html, pdf = tmp_path / "a.html", tmp_path / "a.pdf"
    data = reported(sent, html=html, pdf=pdf)
    assert data.files == (str(html), str(pdf))
    assert "+12025550101" in html.read_text(encoding="utf-8")
    assert "one, by fax: delivered" in text_of(pdf)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (html, pdf))
    assert reported(sent).files == ()


@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_it_is_never_written_over_a_file(sent: Surroundings, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        reported(sent, **{kind: path})  # type: ignore[arg-type]
    assert path.read_text() == "mine"
    reported(sent, **{kind: path}, overwrite=True)  # type: ignore[arg-type]
    assert path.read_bytes() != b"mine"


@pytest.mark.parametrize(
    ("place", "said"),
    [("new/a.html", "there is no folder"), ("letter.j2/a.html", "is a file, not")],
)
def test_no_folder_is_made_for_it(sent: Surroundings, place: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        reported(sent, html=sent.folder / place)
    assert not (sent.folder / "new").exists()


def test_redacted_it_leads_to_no_person(sent: Surroundings, tmp_path: Path) -> None:
    reported(sent, html=tmp_path / "a.html", pdf=tmp_path / "a.pdf", redact=True)
    for text in ((tmp_path / "a.html").read_text(encoding="utf-8"), text_of(tmp_path / "a.pdf")):
        assert "+1…01" in text
        assert not [word for word in ("2025550101", "office@", "Mustermann") if word in text]
