"""Proof of sending: what the ledger and the documents tell of a campaign, gathered for a person.

Nothing is told here that the ledger does not hold; a page is shown as it was sent, from the
documents beside the ledger, or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer, computed_field

from ..campaign.recipients import Recipient
from ..campaign.settings import Settings
from ..config.sections import Sender
from ..core.address import masked
from ..core.json import Internal, Key, Moment
from ..core.lifecycle import State
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
    facts: Facts  # what the events before have not told


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
    page: Internal[bytes | None]  # PNG
    # as it is to be shown: a coarse fax has flat dots
    page_size: Internal[tuple[int, int]] = (0, 0)
    page_words: Internal[str] = ""  # what the picture shows, or why there is none


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
    def clock(self) -> str:
        """What the sender's clock is called; it would tell where a sender lives."""
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
    """The report of a campaign. Rehearsals are not in it: they went to the sender.

    With `redact` it holds nothing that leads to a sender or an account, nor a whole address: no
    page, no free text, no reference but our own.
    """
    sender = settings.sender
    moment = moment.astimezone(UTC) if redact else moment
    known = {recipient.id: recipient for recipient in recipients}
    history: dict[str, list[Event]] = {}
    for event in sources.events:
        history.setdefault(event.delivery, []).append(event)
    sheets = [
        _sheet(
            record, known.get(record.recipient), history[record.id], sources, moment, redact=redact
        )
        for record in sources.records
        if not _is_test_letter(record, history[record.id], sender)
    ]
    shown = () if redact else _sender(sender)
    return Report(settings.campaign.id, moment, shown, tuple(sheets), redact)


def _is_test_letter(record: Record, events: Sequence[Event], sender: Sender) -> bool:
    from ..core.address import AddressError, own_number

    if any(event.event == "rehearsal" for event in events):
        return True
    if record.channel == "email":
        return record.address == sender.email
    try:
        return bool(sender.fax) and record.address == own_number(sender.fax or "")
    except AddressError:
        return False


def _sender(sender: Sender) -> Facts:
    return _told(
        ((key, getattr(sender, key)) for key in ("name", "organisation", "phone", "email")), False
    )


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
    local_zone = moment.tzinfo
    page, size, words = (
        (None, (0, 0), "The page is left out of this copy.")
        if redact
        else _first_page(record, recipient, sources)
    )
    address = masked(record.address) if redact else record.address
    return LetterReport(
        delivery=record.id,
        recipient=record.recipient,
        name=recipient.name if recipient else "",
        channel=record.channel,
        address=address or "forgotten by a purge",
        state=record.state,
        cause=record.cause or None,
        at=record.updated_at.astimezone(local_zone),
        recipient_time=record.updated_at.astimezone(zone) if zone else None,
        zone=zone.key if zone else None,
        facts=_told(_facts(record, events), redact),
        history=tuple(
            Step(
                event.event,
                event.at.astimezone(local_zone),
                event.at.astimezone(zone) if zone else None,
                _told(facts, redact),
            )
            for event, facts in zip(events, _news(events, record), strict=True)
        ),
        page=page,
        page_size=size,
        page_words=words,
    )


def _zone(record: Record, recipient: Recipient | None) -> ZoneInfo | None:
    from ..campaign.delivery import zone_of

    day = record.updated_at.date()
    if recipient is not None:
        return zone_of(recipient, day)
    zones = number_zones(record.address, day) if record.channel == "fax" and record.address else ()
    return ZoneInfo(zones[0]) if len(zones) == 1 else None


# -- facts -----------------------------------------------------------------------------------------

# What would lead to the sender, to the account, or to a person at either end
_HARMFUL = frozenset({"account", "account_reference", "station", "note", "raw", "price"})
Pair = tuple[str, Any]


def _told(pairs: Iterable[Pair], redact: bool) -> Facts:
    return tuple(
        Fact(key, value)
        for key, value in pairs
        if value not in (None, "") and not (redact and key in _HARMFUL)
    )


def _facts(record: Record, events: Sequence[Event]) -> Iterable[Pair]:
    """What is known of a letter as it stands; of facts that several events tell, the latest."""

    def latest(name: str) -> Any:
        told = [getattr(event, name) for event in events]
        return next((value for value in reversed(told) if value is not None), None)

    yield "cause", record.cause
    yield "note", record.note
    yield "attempts", record.attempt or None
    for name in ("pages", "seconds", "rate", "station", "price"):
        yield name, latest(name)
    for name in ("account", "account_reference", "reference", "content", "document"):
        yield name, getattr(record, name)


def _news(events: Sequence[Event], record: Record) -> Iterator[list[Pair]]:
    """The facts of each event that the ones before it have not told, nor the letter's own."""
    known: dict[str, Any] = {"document": record.document, "attempt": 0}
    for event in events:
        pairs = [(name, getattr(event, name)) for name in _TOLD]
        news = [(name, value) for name, value in pairs if known.get(name) != value]
        known |= {name: value for name, value in news if value is not None}
        yield news


_TOLD = (
    *("attempt", "cause", "note", "pages", "seconds", "rate", "station", "price", "account"),
    *("account_reference", "reference", "document", "raw"),
)


# -- the first page --------------------------------------------------------------------------------

Picture = tuple[bytes | None, tuple[int, int], str]


def _first_page(record: Record, recipient: Recipient | None, sources: Sources) -> Picture:
    """The first page as it was sent; of an e-mail whose bytes are gone, the page of the same letter
    if its hash is the same."""
    document = sources.documents(record.document) if record.document else None
    if document is not None and record.channel == "fax":
        return *fax_page(document), "The first page as it was handed over."
    if record.channel == "email" and record.left_at is not None:
        pdf = attached_page(document) if document is not None else None
        if pdf is None and recipient is not None:
            pdf = sources.page_of(record, recipient)
        if pdf is not None:
            return *pdf_page(pdf), "The first page of the letter that went with the e-mail."
    return None, (0, 0), "No page is kept of this letter."
