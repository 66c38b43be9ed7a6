"""What each command has to say at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faxappeal.commands.accounts import AccountsResult, Tried
from faxappeal.commands.check import CheckResult
from faxappeal.commands.init import InitResult
from faxappeal.commands.log import LogResult
from faxappeal.commands.preview import PreviewItem, PreviewResult
from faxappeal.commands.privacy import DataLocation, PrivacyResult
from faxappeal.commands.purge import PurgeResult
from faxappeal.commands.resolve import ResolveResult
from faxappeal.commands.verify import VerifyResult
from faxappeal.commands.verify_call import CheckCallResult
from faxappeal.commands.verify_lookup import LookupResult
from faxappeal.core.finding import Finding, Location
from faxappeal.core.lifecycle import HoldReason, State
from faxappeal.ledger import Event
from faxappeal.output import results
from faxappeal.output.console import Console
from faxappeal.providers.base import Probe
from faxappeal.providers.twilio import LineType
from faxappeal.report.model import FirstPage, LetterReport, Report
from tests.support.clock import MORNING
from tests.support.shown import Terminal, contact

Shown = Callable[[Callable[[Console, Any], None], Any], list[str]]


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Shown:
    """The lines that a screen shows of a result."""

    def show(screen: Callable[[Console, Any], None], data: object) -> list[str]:
        screen(Console(), data)
        return capsys.readouterr().out.splitlines()

    return show


# -- init ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "command"),
    [
        (".", "    faxappeal check"),
        ("appeal", "    faxappeal -C appeal check"),
        ("an appeal", "    faxappeal -C 'an appeal' check"),
    ],
)
def test_a_new_campaign_says_what_to_type_next(shown: Shown, folder: str, command: str) -> None:
    lines = shown(results.init, InitResult(Path(folder), ("letter.j2",), (".gitignore",), 5))
    assert lines == [
        f"Written: {Path(folder) / 'letter.j2'}",
        f"Left as it was: {Path(folder) / '.gitignore'}",
        "",
        "Fill in the 5 places marked FILL IN, then:",
        command,
    ]


# -- check -----------------------------------------------------------------------------------------

FOUND = Finding("list.yaml", Location(2, 7), "error", "bad-value", "wrong", "write it right")
TEXTS = {"list.yaml": "one\nname: x\nthree"}


def test_findings_have_their_hints_and_a_count(shown: Shown) -> None:
    found = (FOUND, replace(FOUND, level="warning", hint=""))
    assert shown(results.check, CheckResult(found, 2, texts=TEXTS)) == [
        "list.yaml:2:7: error bad-value wrong",
        "    Hint: write it right",
        "list.yaml:2:7: warning bad-value wrong",
        "2 recipients checked: 1 error, 1 warning.",
    ]


@pytest.mark.parametrize(
    ("unread", "said"),
    [
        (1, "1 more is not checked further: mend the errors first."),
        (2, "2 more are not checked further: mend the errors first."),
    ],
)
def test_recipients_that_cannot_be_read_are_counted(shown: Shown, unread: int, said: str) -> None:
    assert shown(results.check, CheckResult((), 1, unread))[-1] == said


def test_a_terminal_shows_the_line_of_a_finding(terminal: Terminal) -> None:
    results.check(Console(), CheckResult((FOUND,), 1, texts=TEXTS))
    assert terminal.shown.splitlines()[1:4] == [
        "    2 | name: x",
        "              ^",
        "    Hint: write it right",
    ]


@pytest.mark.parametrize(
    "texts", [{}, {"list.yaml": "one"}], ids=["a file of secrets", "a place behind the end"]
)
def test_there_may_be_no_line_to_show(terminal: Terminal, texts: dict[str, str]) -> None:
    results.check(Console(), CheckResult((FOUND,), 1, texts=texts))
    assert "|" not in terminal.shown


# -- preview ---------------------------------------------------------------------------------------


def sheet(**values: Any) -> PreviewItem:
    usual: dict[str, Any] = {
        "recipient": "one",
        "channel": "fax",
        "text": "Dear Sir,\nplease answer.",
        "pages": 1,
        "bytes": 12345,
        "content_sha256": "",
        "pdf_sha256": "",
    }
    return PreviewItem(**(usual | values))


TEXT = ["Dear Sir,", "please answer.", "-" * 72]


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        pytest.param(sheet(), ["one fax: 1 page, 12,345 bytes"], id="a page"),
        pytest.param(
            sheet(used=0.5), ["one fax: 1 page (50% full), 12,345 bytes"], id="half a page"
        ),
        pytest.param(
            sheet(pages=2, used=0.25),
            ["one fax: 2 pages (25% of the last), 12,345 bytes"],
            id="two pages",
        ),
        pytest.param(
            sheet(seconds=42.4, slow_seconds=60.6),
            [
                "one fax: 1 page, 12,345 bytes",
                "    about 42 s on the line at 14,400 bit/s, 61 s at 9,600",
            ],
            id="its time on the line",
        ),
    ],
)
def test_a_page_with_its_facts(shown: Shown, item: PreviewItem, lines: list[str]) -> None:
    hint = "To see the pages: faxappeal preview --out FOLDER"
    assert shown(results.preview, PreviewResult((item,))) == [*TEXT, *lines, hint]


def test_files_that_were_written_are_named(shown: Shown) -> None:
    item = sheet(files=("out/one.pdf", "out/one.tiff"))
    lines = shown(results.preview, PreviewResult((item,)))
    assert lines[-2:] == ["    out/one.pdf", "    out/one.tiff"]


def test_the_same_text_is_shown_once_and_another_one_below(shown: Shown) -> None:
    items = (sheet(), sheet(recipient="two"), sheet(recipient="three", text="Dear Ma\x1bdam"))
    lines = shown(results.preview, PreviewResult(items))
    assert lines.count("Dear Sir,") == 1
    assert lines[lines.index("Dear Ma\\u001bdam") - 1] == ""


def test_a_preview_of_nothing_is_empty(shown: Shown) -> None:
    assert shown(results.preview, PreviewResult(())) == []


# -- resolve, verify -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.DELIVERED, "is delivered."),
        (State.WAITING, "was not sent: faxappeal send sends it."),
    ],
)
def test_what_a_person_settled(shown: Shown, state: State, said: str) -> None:
    data = ResolveResult("0123", "one", "fax", "+12025550101", state)
    assert shown(results.resolve, data) == [f"one  fax  +12025550101  {said}"]


@pytest.mark.parametrize(
    ("lifted", "more"),
    [(None, []), (HoldReason.VOICE, ["It was held: voice. It is not any more."])],
    ids=["not held", "held before"],
)
def test_a_contact_that_was_checked(
    shown: Shown, lifted: HoldReason | None, more: list[str]
) -> None:
    assert shown(results.verify, VerifyResult("one", contact(), lifted)) == [
        "one  fax  +12025550101  active, checked 2026-11-01 by E. Mustermann (website)",
        *more,
    ]


@pytest.mark.parametrize(("earlier", "said"), [(False, ""), (True, "An earlier call: ")])
def test_a_check_call(shown: Shown, earlier: bool, said: str) -> None:
    data = CheckCallResult("one", "+12025550101", "fax", None, "a fax answered", earlier)
    assert shown(results.verify, data) == [f"one  +12025550101  {said}a fax answered."]


@pytest.mark.parametrize(
    ("line", "said", "doubt"),
    [
        pytest.param(
            LineType(True, "landline", "Example Telecom", ""),
            "valid, landline, Example Telecom",
            [],
            id="a landline",
        ),
        pytest.param(
            LineType(True, "unknown", "", ""), "valid, unknown kind of line", [], id="unknown"
        ),
        pytest.param(
            LineType(True, "mobile", "\x1b[2J", ""),
            "valid, mobile, \\u001b[2J",
            ["    Ask the office: a mobile number: a person would answer."],
            id="a mobile",
        ),
        pytest.param(
            LineType(False, "unknown", "", ""),
            "not valid, unknown kind of line",
            ["    Ask the office: no number of its country's plan."],
            id="no number",
        ),
    ],
)
def test_a_line_that_was_looked_up(
    shown: Shown, line: LineType, said: str, doubt: list[str]
) -> None:
    assert shown(results.verify, LookupResult("one", "+12025550101", line)) == [
        f"one  +12025550101  {said}",
        *doubt,
        "    Whether a fax is behind it, only a person there knows.",
    ]


# -- log -------------------------------------------------------------------------------------------


def event(**values: Any) -> Event:
    usual: dict[str, Any] = dict.fromkeys(Event.__dataclass_fields__) | {
        "seq": 1,
        "at": MORNING,
        "delivery": "0123",
        "recipient": "one",
        "channel": "fax",
        "address": "+12025550101",
        "event": "delivered",
        "attempt": 0,
    }
    return Event(**(usual | values))


HEAD = f"{MORNING.astimezone():%Y-%m-%d %H:%M:%S %z}  one  fax  +12025550101  delivered"


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        pytest.param({}, "", id="none"),
        pytest.param({"attempt": 2}, "  attempt 2", id="an attempt"),
        pytest.param({"cause": "busy"}, "  busy", id="a cause"),
        pytest.param({"pages": 0}, "  0 pages confirmed", id="no page"),
        pytest.param({"pages": 1}, "  1 page confirmed", id="a page"),
        pytest.param({"station": "OFFICE\x07"}, "  answered as OFFICE\\u0007", id="a station"),
        pytest.param({"seconds": 42.4, "rate": 9600}, "  42 s; 9600 bit/s", id="a call"),
        pytest.param({"price": "0.07 USD"}, "  0.07 USD", id="a price"),
        pytest.param({"account": "sinch"}, "  sinch", id="an account"),
        pytest.param(
            {"account": "sinch", "account_reference": "01J"}, "  sinch 01J", id="with its reference"
        ),
        pytest.param({"note": "by hand", "raw": "by hand"}, "  by hand", id="said once"),
        pytest.param({"note": "by hand", "raw": "{}"}, "  by hand; {}", id="in other words"),
    ],
)
def test_an_event_is_a_line_with_its_facts(
    shown: Shown, values: dict[str, Any], facts: str
) -> None:
    assert shown(results.log, LogResult("test", (event(**values),), 1)) == [HEAD + facts]


def test_on_a_terminal_the_facts_are_below(terminal: Terminal) -> None:
    results.log(Console(), LogResult("test", (event(attempt=1), event()), 2))
    assert terminal.shown.splitlines() == [HEAD, "    attempt 1", HEAD]


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (0, "Nothing was sent yet of test."),
        (1, "None of 1 event is what you asked for."),
        (3, "None of 3 events is what you asked for."),
    ],
)
def test_a_log_of_nothing_says_why(shown: Shown, total: int, said: str) -> None:
    assert shown(results.log, LogResult("test", (), total)) == [said]


# -- report, purge, privacy, accounts --------------------------------------------------------------

LETTER = LetterReport(
    delivery="0123",
    recipient="one",
    name="Office one",
    channel="fax",
    address="+12025550101",
    state=State.DELIVERED,
    cause=None,
    at=MORNING,
    recipient_time=None,
    zone=None,
    facts=(),
    history=(),
    page=FirstPage("not kept"),
)
KEEP = "To keep it: faxappeal report --html FILE, or --pdf FILE; --redact to publish"


@pytest.mark.parametrize(
    ("sheets", "files", "last"),
    [
        pytest.param((LETTER,), (), ["1 letter: 1 delivered.", KEEP], id="on the screen"),
        pytest.param(
            (LETTER,),
            ("a.html",),
            ["1 letter: 1 delivered.", "Written: a.html"],
            id="into a file",
        ),
        pytest.param((), (), ["0 letters."], id="of nothing"),
    ],
)
def test_a_report_in_short(
    shown: Shown, sheets: tuple[LetterReport, ...], files: tuple[str, ...], last: list[str]
) -> None:
    head = "0123  one  fax  +12025550101  delivered  2026-11-24 09:00:00 +01:00"
    lines = shown(results.report, Report("test", MORNING, (), sheets, False, files))
    assert lines == [head] * len(sheets) + last


def test_what_was_forgotten(shown: Shown) -> None:
    assert shown(results.purge, PurgeResult("28d", 1, 2, 0)) == [
        "1 letter scrubbed, 2 documents deleted."
    ]


def test_what_was_kept_is_said_with_why(shown: Shown) -> None:
    _, kept = shown(results.purge, PurgeResult("28d", 0, 0, 3))
    assert kept.startswith("3 letters kept: ") and kept.endswith("ended within 28d.")


def test_what_lies_where_and_how_it_goes(shown: Shown) -> None:
    places = (
        DataLocation("ledger", "/home/x\x1b", "numbers " * 20, "faxappeal purge"),
        DataLocation("sinch", "sinch.com", "the fax", ""),
    )
    lines = shown(results.privacy, PrivacyResult(places, 2))
    assert lines[0] == "ledger  /home/x\\u001b"
    assert lines[1].startswith("    holds: numbers") and lines[2].startswith("           numbers")
    assert "    goes:  faxappeal purge" in lines
    assert lines[lines.index("sinch  sinch.com") + 1] == "    the fax"
    assert "2 letters in the ledger with number or address." in lines
    assert max(map(len, lines)) <= 80


def test_what_each_account_said(shown: Shown) -> None:
    checks = (
        Probe("credentials", True, "accepted"),
        Probe("balance", False, "0.00 USD\x1b", "fill it up"),
        Probe("sender", None, "not known before a letter is sent"),
    )
    assert shown(results.accounts, AccountsResult((Tried("fax", "sinch", checks),))) == [
        "sinch  fax",
        "    ok  credentials: accepted",
        "    bad balance: 0.00 USD\\u001b",
        "        Hint: fill it up",
        "    ?   sender: not known before a letter is sent",
    ]
