"""Proof of sending: what the ledger and the documents know of a campaign, gathered for a person.

The report says only what the ledger holds. It shows a page as it was sent, from the documents
beside the ledger, or it shows no page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer, computed_field

from ..campaign.delivery import zone_of
from ..campaign.recipients import Recipient
from ..campaign.settings import Settings
from ..config.sections import Sender
from ..core.address import AddressError, own_number
from ..core.json import Internal, Key, Moment
from ..core.lifecycle import State
from ..core.redaction import mask_address
from ..core.zones import number_zones
from ..ledger import Event, Record
from .glossary import LABELS
from .page_image import attached_page, fax_page, pdf_page

Documents = Callable[[str], bytes | None]  # by SHA-256
PageOf = Callable[[Record, Recipient], bytes | None]  # PDF

_UNITS: Mapping[str, str] = {"seconds": "{:.0f} s", "rate": "{} bit/s"}


@dataclass(frozen=True)
class Fact:
    """One thing that is known, under the log's key for it."""

    key: str
    value: str | int | float

    @property
    def label(self) -> str:
        return LABELS[self.key]

    @property
    def words(self) -> str:
        return _UNITS.get(self.key, "{}").format(self.value)


def _as_keys(facts: tuple[Fact, ...]) -> dict[str, Any]:
    return {fact.key: fact.value for fact in facts}


Facts = Annotated[tuple[Fact, ...], PlainSerializer(_as_keys)]


@dataclass(frozen=True)
class Step:
    """One event of a letter's history, on both clocks."""

    event: str
    local_time: Annotated[Moment, Key("here")]
    recipient_time: Annotated[Moment | None, Key("there")]
    facts: Facts  # those that the events before do not have


class FirstPage(NamedTuple):
    """A picture of a letter's first page, or why it is missing."""

    words: str
    png: bytes | None = None
    size: tuple[int, int] = (0, 0)  # to be shown at: a coarse fax has flat dots


@dataclass(frozen=True)
class LetterReport:
    """One letter to one address: how it stands, what happened, and its first page."""

    delivery: str
    recipient: str
    name: str  # of the recipient; empty where it is no longer in the list
    channel: str
    address: str
    state: State
    cause: str | None
    at: Moment  # of the last outcome
    recipient_time: Annotated[Moment | None, Key("there")]
    zone: str | None
    facts: Facts
    history: tuple[Step, ...]
    page: Internal[FirstPage]


@dataclass(frozen=True)
class Report:
    """Proof of sending for one campaign."""

    campaign: str
    made_at: Moment
    sender: Facts
    sheets: Annotated[tuple[LetterReport, ...], Key("letters")]
    redacted: bool
    files: tuple[str, ...] = ()  # that it was written to

    @property
    def clock_name(self) -> str:
        """What the sender's clock is called. A redacted report must not say where it stands."""
        return "UTC" if self.redacted else "here"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def states(self) -> Mapping[str, int]:
        """How many letters are in which state."""
        return Counter(sheet.state for sheet in self.sheets)


@dataclass(frozen=True)
class Sources:
    """Where the report's facts come from."""

    records: Iterable[Record]
    events: Iterable[Event]
    documents: Documents
    page_of: PageOf  # the page of a letter that is as it was when it was sent


def gather(
    settings: Settings,
    recipients: Iterable[Recipient],
    sources: Sources,
    moment: datetime,
    *,
    redact: bool = False,
) -> Report:
    """The report of a campaign, without the test letters (`--to-me`): they went to the sender.

    With `redact` it holds nothing that leads to a sender or an account, nor a whole address: no
    page, no free text, no reference but our own.
    """
    sender = settings.sender
    moment = moment.astimezone(UTC) if redact else moment
    known = {recipient.id: recipient for recipient in recipients}
    history: dict[str, list[Event]] = defaultdict(list)
    for event in sources.events:
        history[event.delivery].append(event)
    sheets = [
        _sheet(
            record, known.get(record.recipient), history[record.id], sources, moment, redact=redact
        )
        for record in sources.records
        if not _is_test_letter(record, history[record.id], sender)
    ]
    keys = () if redact else ("name", "organisation", "phone", "email")
    return Report(
        campaign=settings.campaign.id,
        made_at=moment,
        sender=_shown([(key, getattr(sender, key)) for key in keys], redact),
        sheets=tuple(sheets),
        redacted=redact,
    )


def _is_test_letter(record: Record, events: Sequence[Event], sender: Sender) -> bool:
    if any(event.event == "rehearsal" for event in events):
        return True
    if record.channel == "email":
        return record.address == sender.email
    try:
        return record.address == own_number(sender.fax or "")
    except AddressError:
        return False


def _sheet(
    record: Record,
    recipient: Recipient | None,
    events: Sequence[Event],
    sources: Sources,
    moment: datetime,
    *,
    redact: bool,
) -> LetterReport:
    zone = _zone(record, recipient)

    def clocks(at: datetime) -> tuple[datetime, datetime | None]:
        return at.astimezone(moment.tzinfo), at.astimezone(zone) if zone else None

    address = mask_address(record.address) if redact else record.address
    at, recipient_time = clocks(record.updated_at)
    return LetterReport(
        delivery=record.id,
        recipient=record.recipient,
        name=recipient.name if recipient else "",
        channel=record.channel,
        address=address or "forgotten by a purge",
        state=record.state,
        cause=record.cause or None,
        at=at,
        recipient_time=recipient_time,
        zone=zone.key if zone else None,
        facts=_shown(_facts(record, events), redact),
        history=tuple(
            Step(event.event, *clocks(event.at), _shown(facts, redact))
            for event, facts in _new_facts(events, record)
        ),
        page=(
            FirstPage("The page is left out of this copy.")
            if redact
            else _first_page(record, recipient, sources)
        ),
    )


def _zone(record: Record, recipient: Recipient | None) -> ZoneInfo | None:
    day = record.updated_at.date()
    if recipient is not None:
        return zone_of(recipient, day)
    zones = number_zones(record.address, day) if record.channel == "fax" and record.address else ()
    return ZoneInfo(zones[0]) if len(zones) == 1 else None


# -- facts -----------------------------------------------------------------------------------------

# What would lead to the sender, to the account, or to a person at either end
_HARMFUL = frozenset({"account", "account_reference", "station", "note", "raw", "price"})
_OF_EVENTS = (
    *("attempt", "cause", "note", "pages", "seconds", "rate", "station", "price", "account"),
    *("account_reference", "reference", "document", "raw"),
)
Pair = tuple[str, Any]


def _shown(pairs: Iterable[Pair], redact: bool) -> Facts:
    return tuple(
        Fact(key, value)
        for key, value in pairs
        if value not in (None, "") and not (redact and key in _HARMFUL)
    )


def _facts(record: Record, events: Sequence[Event]) -> Iterable[Pair]:
    """What is known of a letter as it stands; of facts that several events have, the latest."""
    yield "cause", record.cause
    yield "note", record.note
    yield "attempts", record.attempt or None
    for name in ("pages", "seconds", "rate", "station", "price"):
        values = (getattr(event, name) for event in reversed(events))
        yield name, next((value for value in values if value is not None), None)
    for name in ("account", "account_reference", "reference", "content", "document"):
        yield name, getattr(record, name)


def _new_facts(events: Sequence[Event], record: Record) -> Iterator[tuple[Event, list[Pair]]]:
    """Each event with its facts that neither the ones before it have nor the letter itself."""
    known: dict[str, Any] = {"document": record.document, "attempt": 0}
    for event in events:
        pairs = [(name, getattr(event, name)) for name in _OF_EVENTS]
        new = [(name, value) for name, value in pairs if known.get(name) != value]
        known |= {name: value for name, value in new if value is not None}
        yield event, new


# -- the first page --------------------------------------------------------------------------------


def _first_page(record: Record, recipient: Recipient | None, sources: Sources) -> FirstPage:
    """The first page as it was sent; of an e-mail whose bytes are gone, the page of the same letter
    if its hash is the same."""
    document = sources.documents(record.document) if record.document else None
    if document is not None and record.channel == "fax":
        return FirstPage("The first page as it was handed over.", *fax_page(document))
    if record.channel == "email" and record.left_at is not None:
        pdf = attached_page(document) if document is not None else None
        if pdf is None and recipient is not None:
            pdf = sources.page_of(record, recipient)
        if pdf is not None:
            words = "The first page of the letter that went with the e-mail."
            return FirstPage(words, *pdf_page(pdf))
    return FirstPage("No page is kept of this letter.")
