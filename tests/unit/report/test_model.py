"""What is reported of a campaign: its letters, their history, their pages, and what is hidden."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from PIL import Image

from faxappeal.campaign import settings as campaign_settings
from faxappeal.campaign.contact import Contact
from faxappeal.campaign.recipients import Recipient
from faxappeal.campaign.settings import Settings
from faxappeal.core.json import to_data
from faxappeal.core.lifecycle import ContactStatus, State
from faxappeal.documents.fax import encoding
from faxappeal.ledger import Event, Record
from faxappeal.report.model import Fact, LetterReport, Report, Sources, gather
from tests.support.appeal import build_message
from tests.support.campaigns import SETTINGS
from tests.support.letters import letter
from tests.support.reports import DOCUMENT, event, minutes, record

OFFICE = Recipient(
    "one",
    "The Office",
    "US",
    timezone="America/New_York",
    fax=Contact("fax", "+1 202 555 0101", "+12025550101", ContactStatus.ACTIVE, "test"),
)
HISTORY = (
    event("planned", attempt=0),
    event("submitting", 1, account="hylafax", reference="fa-1"),
    event("accepted", 2, account="hylafax", reference="fa-1", account_reference="job 7"),
    event("delivered", 3, account="hylafax", pages=1, seconds=41.6, rate=14400, station="OFFICE"),
)


def settings(sender: Mapping[str, str]) -> Settings:
    found, findings = campaign_settings.read(SETTINGS)
    assert found and not findings
    return found.model_copy(update={"sender": found.sender.model_copy(update=sender)})


def report(
    records: Sequence[Record] = (record(),),
    events: Sequence[Event] = HISTORY,
    *,
    recipients: Sequence[Recipient] = (OFFICE,),
    documents: Callable[[str], bytes | None] = lambda _digest: None,
    page_of: Callable[[Record, Recipient], bytes | None] = lambda _record, _recipient: None,
    redact: bool = False,
    sender: Mapping[str, str] | None = None,
) -> Report:
    sources = Sources(records, events, documents, page_of)
    return gather(settings(sender or {}), recipients, sources, minutes(60), redact=redact)


def sheet(*arguments: Any, **options: Any) -> LetterReport:
    [found] = report(*arguments, **options).sheets
    return found


def values(facts: Sequence[Fact]) -> dict[str, Any]:
    return {fact.key: fact.value for fact in facts}


# -- letters ---------------------------------------------------------------------------------------


def test_a_letter_is_reported_with_what_is_known_of_it() -> None:
    found = sheet()
    assert (found.recipient, found.name, found.channel) == ("one", "The Office", "fax")
    assert (found.address, found.state, found.cause) == ("+12025550101", State.DELIVERED, None)
    assert values(found.facts) == {
        "attempts": 1,
        "pages": 1,
        "seconds": 41.6,
        "rate": 14400,
        "station": "OFFICE",
        "account": "hylafax",
        "account_reference": "job 7",
        "reference": "fa-1",
        "content": "c" * 64,
        "document": DOCUMENT,
    }


@pytest.mark.parametrize(
    ("fact", "label", "words"),
    [
        (Fact("seconds", 41.6), "on the line", "42 s"),
        (Fact("rate", 14400), "speed", "14400 bit/s"),
        (Fact("pages", 1), "pages confirmed", "1"),
        (Fact("station", "OFFICE"), "answered as", "OFFICE"),
    ],
)
def test_a_fact_is_said_in_words_with_its_unit(fact: Fact, label: str, words: str) -> None:
    assert (fact.label, fact.words) == (label, words)


def test_each_step_says_only_what_was_not_known_before() -> None:
    steps = [(step.event, values(step.facts)) for step in sheet().history]
    assert steps == [
        ("planned", {}),
        ("submitting", {"attempt": 1, "account": "hylafax", "reference": "fa-1"}),
        ("accepted", {"account_reference": "job 7"}),
        ("delivered", {"pages": 1, "seconds": 41.6, "rate": 14400, "station": "OFFICE"}),
    ]


def test_of_two_attempts_the_later_ones_facts_count() -> None:
    events = (
        event("waiting", 1, cause="busy", seconds=9.0, price="0.01 USD"),
        event("submitting", 2, attempt=2),
        event("delivered", 3, attempt=2, seconds=40.0),
    )
    found = values(sheet([record(attempt=2)], events).facts)
    assert (found["attempts"], found["seconds"], found["price"]) == (2, 40.0, "0.01 USD")


def test_nothing_of_no_time_is_lost() -> None:
    """A call of no seconds was a call."""
    facts = values(sheet(events=[event("failed", 1, seconds=0.0, pages=0)]).facts)
    assert facts["seconds"] == 0.0 and facts["pages"] == 0


def test_an_event_of_another_letter_is_in_no_history_of_this_one() -> None:
    events = (*HISTORY, event("failed", 4, delivery="d2"))
    assert [step.event for step in sheet(events=events).history][-1] == "delivered"


def test_the_letters_are_counted_by_state() -> None:
    states = [State.DELIVERED, State.HELD, State.DELIVERED, State.UNKNOWN]
    records = [record(id=f"d{n}", state=state) for n, state in enumerate(states)]
    assert report(records, ()).states == {"delivered": 2, "held": 1, "unknown": 1}


def test_a_campaign_of_which_nothing_was_sent_has_no_letters() -> None:
    empty = report((), ())
    assert empty.sheets == () and empty.states == {}


def test_a_letter_whose_address_was_purged_says_so() -> None:
    assert sheet([record(address="")]).address == "forgotten by a purge"


def test_a_recipient_who_is_no_longer_in_the_list_has_an_id_and_no_name() -> None:
    found = sheet(recipients=())
    assert (found.recipient, found.name) == ("one", "")


def test_json_has_the_facts_by_their_keys_and_both_clocks() -> None:
    data = to_data(report())
    [one] = data["letters"]
    assert data["states"] == {"delivered": 1}
    assert data["sender"]["name"] == "Erika Mustermann"
    assert one["facts"]["pages"] == 1 and "page" not in one
    assert one["at"].endswith("+01:00") and one["there"].endswith("-05:00")
    assert set(one["history"][0]) == {"event", "here", "there", "facts"}


# -- clocks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipients", "values", "zone"),
    [
        pytest.param([OFFICE], {}, "America/New_York", id="as the list says"),
        pytest.param([], {}, "America/New_York", id="not in the list: by the number"),
        pytest.param([], {"address": "+18005550101"}, None, id="a number of no place"),
        pytest.param([], {"address": ""}, None, id="a number that was purged"),
        pytest.param(
            [], {"channel": "email", "address": "a@example.org"}, None, id="an e-mail alone"
        ),
        pytest.param(
            [replace(OFFICE, timezone=None, fax=None)],
            {"channel": "email", "address": "a@example.org"},
            None,
            id="an e-mail to an office that has no fax",
        ),
    ],
)
def test_the_recipients_clock_is_shown_where_it_is_known(
    recipients: list[Recipient], values: dict[str, Any], zone: str | None
) -> None:
    found = sheet([record(**values)], recipients=recipients)
    assert found.zone == zone
    assert (found.recipient_time is None) == (zone is None)
    assert all((step.recipient_time is None) == (zone is None) for step in found.history)


def test_a_moment_is_the_same_on_both_clocks() -> None:
    found = sheet()
    assert found.at == found.recipient_time == minutes(3)
    assert (found.at.hour, found.recipient_time and found.recipient_time.hour) == (9, 3)


# -- letters to the sender -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "events", "sender", "is_left_out"),
    [
        pytest.param({}, [event("rehearsal")], {}, True, id="the log says so"),
        pytest.param({}, [], {"fax": "+1 202 555 0101"}, True, id="to the sender's fax"),
        pytest.param({}, [], {"fax": "+49 30 23125 099"}, False, id="to another fax"),
        pytest.param({}, [], {"fax": "no number"}, False, id="the sender's fax is no number"),
        pytest.param({}, [], {}, False, id="the sender has no fax"),
        pytest.param(
            {"channel": "email", "address": "appeals@example.org"}, [], {}, True,
            id="to the sender's mailbox",
        ),
        pytest.param(
            {"channel": "email", "address": "a@example.org"}, [], {}, False,
            id="to another mailbox",
        ),
    ],
)  # fmt: skip
def test_a_test_letter_is_no_proof(
    values: dict[str, Any], events: list[Event], sender: dict[str, str], is_left_out: bool
) -> None:
    assert (not report([record(**values)], events, sender=sender).sheets) is is_left_out


# -- pages -----------------------------------------------------------------------------------------


SIZE = (1728, 100)
STRIP = encoding.group4(Image.new("1", SIZE, 255))


def tiff() -> bytes:
    return encoding.tiff([STRIP], SIZE, (204, 196))


PDF = encoding.pdf([STRIP], SIZE, (204, 196))
EMAIL: dict[str, Any] = {"channel": "email", "address": "office@example.org"}
LETTER = "The first page of the letter that went with the e-mail."
NO_PAGE = "No page is kept of this letter."


def test_a_fax_is_shown_as_it_was_sent() -> None:
    asked: list[str] = []

    def documents(digest: str) -> bytes:
        asked.append(digest)
        return tiff()

    shown = sheet(documents=documents).page
    assert asked == [DOCUMENT]
    assert shown.png and Image.open(io.BytesIO(shown.png)).size == SIZE
    assert shown.size == (1728, 104)


@pytest.mark.parametrize(
    ("values", "document", "again", "words"),
    [
        pytest.param({"document": None}, tiff(), None, NO_PAGE, id="a fax that never left"),
        pytest.param({}, None, PDF, NO_PAGE, id="a fax whose bytes are gone"),
        pytest.param(EMAIL, build_message(letter(), PDF), None, LETTER, id="an e-mail"),
        pytest.param(EMAIL, build_message(letter(), PDF), b"%PDF-", LETTER, id="the kept one first"),
        pytest.param(EMAIL, None, PDF, LETTER, id="an e-mail whose bytes are gone"),
        pytest.param(EMAIL, b"Subject: x\n\nx\n", PDF, LETTER, id="an e-mail without the page"),
        pytest.param(EMAIL, None, None, NO_PAGE, id="an e-mail of another letter"),
        pytest.param(
            EMAIL | {"left_at": None}, build_message(letter(), PDF), PDF, NO_PAGE,
            id="an e-mail that never left",
        ),
    ],
)  # fmt: skip
def test_the_page_is_the_one_that_was_sent_or_none(
    values: dict[str, Any], document: bytes | None, again: bytes | None, words: str
) -> None:
    shown = sheet(
        [record(**values)], documents=lambda _digest: document, page_of=lambda *_: again
    ).page
    assert shown.words == words
    assert (shown.png is not None) is (words == LETTER)


def test_without_a_recipient_no_letter_is_made_again() -> None:
    shown = sheet([record(**EMAIL)], recipients=(), page_of=lambda *_: PDF).page
    assert shown.words == NO_PAGE


# -- what is hidden --------------------------------------------------------------------------------

SECRET = ("Mustermann", "23125", "appeals@", "2025550101", "job 7", "hylafax", "OFFICE", "secret")


def test_a_redacted_report_leads_to_no_sender_no_account_and_no_address() -> None:
    events = [replace(each, raw="secret", note="secret", price="0.07 USD") for each in HISTORY]
    hidden = report([record(note="secret")], events, documents=lambda _: tiff(), redact=True)
    text = str(to_data(hidden))
    assert not [word for word in (*SECRET, "USD", "+01:00") if word in text]
    [one] = hidden.sheets
    assert one.address == "+1…01" and one.page.png is None
    assert one.page.words == "The page is left out of this copy."
    assert hidden.sender == () and hidden.clock_name == "UTC"
    assert hidden.made_at.tzinfo is UTC and one.at.tzinfo is UTC


def test_a_redacted_report_still_says_how_each_letter_ended() -> None:
    events = (event("failed", 1, cause="busy", pages=0),)
    one = sheet([record(state=State.FAILED, cause="busy")], events, redact=True)
    assert (one.state, one.cause) == (State.FAILED, "busy")
    assert values(one.history[0].facts) == {"attempt": 1, "cause": "busy", "pages": 0}
    assert values(one.facts)["reference"] == "fa-1", "it is ours, and leads nowhere"


def test_a_whole_report_names_the_sender() -> None:
    whole = report(sender={"organisation": "Example Group"})
    assert values(whole.sender) == {
        "name": "Erika Mustermann",
        "organisation": "Example Group",
        "phone": "+49 30 23125 012",
        "email": "appeals@example.org",
    }
    assert whole.clock_name == "here" and whole.made_at == minutes(60)
    assert whole.campaign == "test"
