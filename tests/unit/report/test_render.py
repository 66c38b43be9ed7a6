"""The report as a page for people: in HTML, which loads nothing, and as PDF."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from PIL import Image

from faxappeal.core.lifecycle import State
from faxappeal.report import render
from faxappeal.report.model import Fact, FirstPage, LetterReport, Report, Step
from tests.support.clock import MORNING
from tests.support.reports import minutes

NEW_YORK = datetime.fromisoformat("2026-11-24T03:03:00-05:00")


def png() -> bytes:
    out = io.BytesIO()
    Image.new("1", (200, 100), 1).save(out, "PNG")
    return out.getvalue()


SHEET = LetterReport(
    delivery="d1",
    recipient="one",
    name="The Office",
    channel="fax",
    address="+12025550101",
    state=State.DELIVERED,
    cause=None,
    at=minutes(3),
    recipient_time=NEW_YORK,
    zone="America/New_York",
    facts=(Fact("pages", 1), Fact("seconds", 41.6)),
    history=(Step("delivered", minutes(3), NEW_YORK, (Fact("pages", 1),)),),
    page=FirstPage("The first page as it was.", png(), (200, 208)),
)


def report(*sheets: LetterReport, **values: Any) -> Report:
    sender = (Fact("name", "Erika Mustermann"),)
    known: dict[str, Any] = {
        "campaign": "test",
        "made_at": minutes(60),
        "sender": sender,
        "redacted": False,
    }
    return Report(**(known | {"sheets": sheets or (SHEET,)} | values))


class Read(HTMLParser):
    """A page as a program reads it: its words, its tags, its addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.words += f" {data.strip()}"


def html(*sheets: LetterReport, **values: Any) -> Read:
    return Read(render.html(report(*sheets, **values)))


def pdf_text(*sheets: LetterReport, paper: str = "a4", **values: Any) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(render.pdf(report(*sheets, **values), paper)) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return " ".join(" ".join(pages).split())


# -- in short --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([], "0 letters."),
        ([State.DELIVERED], "1 letter: 1 delivered."),
        (
            [State.UNKNOWN, State.DELIVERED, State.HELD, State.DELIVERED],
            "4 letters: 1 held, 2 delivered, 1 unknown.",
        ),
    ],
    ids=["none", "one", "several"],
)
def test_a_summary_counts_the_letters_in_the_order_of_their_life(
    states: list[State], words: str
) -> None:
    sheets = tuple(replace(SHEET, state=state) for state in states)
    assert render.summary(report(sheets=sheets)) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (MORNING, "2026-11-24 09:00:00 +01:00"),
        (MORNING.astimezone(UTC), "2026-11-24 08:00:00 +00:00"),
        (NEW_YORK.replace(microsecond=999_999), "2026-11-24 03:03:00 -05:00"),
    ],
)
def test_a_moment_is_written_with_its_distance_from_utc(moment: datetime, words: str) -> None:
    assert render.clock(moment) == words


# -- HTML ------------------------------------------------------------------------------------------


def test_it_loads_nothing_and_runs_nothing() -> None:
    text = render.html(report())
    read = Read(text)
    assert not {"script", "link", "iframe", "form"} & set(read.tags)
    places = [value for name, value in read.attributes if name in ("src", "href")]
    assert all(place.startswith(("data:image/png;base64,", "#")) for place in places)
    assert "url(" not in text and "@import" not in text
    policy = next(value for name, value in read.attributes if "default-src 'none'" in value)
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy, "else a browser would not show the style"


def test_it_says_how_each_letter_stands() -> None:
    words = html().words
    for said in (
        "1 letter: 1 delivered. Made 2026-11-24 10:00:00 +01:00 by faxappeal",
        "Erika Mustermann",
        "The Office",
        "number dialled +12025550101",
        "delivered: the far end confirmed all pages",
        "2026-11-24 09:03:00 +01:00 here, 2026-11-24 03:03:00 -05:00 there (America/New_York)",
        "on the line 42 s",
        "The first page as it was.",
    ):
        assert said in words


def test_the_picture_of_the_page_is_in_the_file() -> None:
    [source] = [value for name, value in html().attributes if name == "src"]
    assert base64.b64decode(source.partition(",")[2]) == png()


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '" onload="x', "a\x1b[2Jb", "a\u202eb"]
)
def test_a_name_cannot_become_markup_or_turn_the_line_round(hostile: str) -> None:
    sheet = replace(
        SHEET,
        name=hostile,
        recipient=hostile,
        address=hostile,
        history=(Step("failed", MORNING, None, (Fact("raw", hostile),)),),
        facts=(Fact("station", hostile),),
    )
    text = render.html(report(sheet, campaign=hostile, sender=(Fact("name", hostile),)))
    assert "<script" not in text and 'onload="' not in text
    assert "\x1b" not in text and "\u202e" not in text


@pytest.mark.parametrize(
    ("change", "said", "not_said"),
    [
        ({"channel": "email"}, "delivered: it is in the mailbox", "number dialled"),
        ({"recipient_time": None, "zone": None}, "+01:00 here", "there ("),
        ({"page": FirstPage("No page is kept.")}, "No page is kept.", "Its text is"),
        ({"name": ""}, "+12025550101", "The Office"),
        ({"facts": (Fact("cause", "busy"),)}, "busy : the line was engaged", "on the line"),
    ],
    ids=["an e-mail", "no known clock", "no page", "no name", "a cause"],
)
def test_what_is_not_known_is_not_said(change: dict[str, Any], said: str, not_said: str) -> None:
    words = html(replace(SHEET, **change)).words
    assert said in words.replace("busy:", "busy :") and not_said not in words


# -- PDF -------------------------------------------------------------------------------------------


def test_as_pdf_it_says_the_same() -> None:
    text = pdf_text()
    for said in (
        "one, by fax: delivered",
        "1 letter: 1 delivered.",
        "Erika Mustermann",
        "+12025550101",
        "the far end confirmed all pages",
        "there (America/New_York)",
        "42 s",
    ):
        assert said in text


@pytest.mark.parametrize(("paper", "width"), [("a4", 595), ("letter", 612)])
def test_the_pdf_is_on_the_paper_of_the_settings_and_tagged(paper: str, width: int) -> None:
    import pypdfium2

    data = render.pdf(report(), paper)
    assert b"pdfuaid" in data and b"/Lang" in data
    with pypdfium2.PdfDocument(data) as document:
        assert round(document[0].get_width()) == width


def test_a_letter_without_a_page_has_no_picture_in_the_pdf() -> None:
    import pypdfium2

    for page, pictures in ((SHEET.page, 1), (FirstPage("No page is kept."), 0)):
        data = render.pdf(report(replace(SHEET, page=page)), "a4")
        with pypdfium2.PdfDocument(data) as document:
            kind = pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
            found = [one for sheet in document for one in sheet.get_objects(filter=[kind])]
        assert len(found) == pictures


# -- both ------------------------------------------------------------------------------------------


both = pytest.mark.parametrize(
    "shown", [lambda *a, **v: html(*a, **v).words, pdf_text], ids=["html", "pdf"]
)


@both
def test_a_campaign_of_which_nothing_was_sent_says_so(shown: Any) -> None:
    assert "Nothing was sent yet." in shown(sheets=())


@both
def test_a_redacted_copy_says_that_it_is_one(shown: Any) -> None:
    text = shown(redacted=True, sender=())
    assert "This copy is redacted" in text and "coordinated universal time" in text
    assert "Erika" not in text


@both
def test_each_word_that_is_used_is_explained_and_no_other(shown: Any) -> None:
    step = Step("leaving", MORNING, None, (Fact("cause", "voice"),))
    text = shown(replace(SHEET, history=(step,)))
    for said in (
        "the first byte that could make the account send it is about to leave",
        "a person, or no fax tone",
        "the sender's clock",
    ):
        assert said in re.sub(r"\s+", " ", text)
    assert "it will go later" not in text and "no such mailbox" not in text
