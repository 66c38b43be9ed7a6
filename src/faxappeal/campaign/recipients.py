"""recipients.yaml: who is written to, where, and how we know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal

from pydantic import ValidationError

from ..core.address import AddressError, email_address, fax_number
from ..core.finding import Finding, Location, errors
from ..core.lifecycle import ContactStatus, Method
from ..core.text import show
from . import yaml_reader
from .recipient_errors import shape_finding
from .recipient_model import EmailContact, Entry, FaxContact

Channel = Literal["fax", "email"]
CHANNELS: tuple[Channel, ...] = ("fax", "email")

MAX_ADDRESS_LINES = 6  # DIN 5008: the address zone of a window envelope


@dataclass(frozen=True)
class Contact:
    """One fax number or e-mail address of a recipient, with what is known of it."""

    channel: Channel
    raw_address: str
    address: str  # E.164, or an ASCII addr-spec
    status: ContactStatus
    source: str
    last_verified: date | None = None
    verified_by: str | None = None
    method: Method | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Recipient:
    """An office as the file has it."""

    id: str
    name: str
    country: str
    office: str | None = None
    care_of: str | None = None
    address: tuple[str, ...] = ()
    timezone: str | None = None
    salutation: str | None = None
    language: str | None = None
    role: Literal["to", "cc"] = "to"
    copy_of: str | None = None
    fax: Contact | None = None
    email: Contact | None = None
    note: str | None = None

    @property
    def contacts(self) -> tuple[Contact, ...]:
        return tuple(contact for contact in (self.fax, self.email) if contact)

    @property
    def addressee(self) -> tuple[str, str | None, tuple[str, ...]]:
        """Recipients with equal addressees are one desk with several lines."""
        return (self.name, self.office, self.address)


@dataclass(frozen=True)
class Recipients:
    """The file, read: recipients in order, findings, and where each value stands."""

    path: str
    recipients: tuple[Recipient, ...]
    findings: tuple[Finding, ...]
    text: yaml_reader.YamlText
    entries: tuple[int, ...] = ()  # of each recipient, its number in the file

    def __iter__(self) -> Iterator[Recipient]:
        return iter(self.recipients)

    def get(self, id: str) -> Recipient | None:
        return self._by_id.get(id)

    @cached_property
    def _by_id(self) -> Mapping[str, Recipient]:
        return {recipient.id: recipient for recipient in reversed(self.recipients)}

    @cached_property
    def copies(self) -> Sequence[Recipient]:
        """Those who get a copy."""
        return [recipient for recipient in self.recipients if recipient.role == "cc"]

    @cached_property
    def unread(self) -> Sequence[Mapping[str, Any]]:
        """What the file says of those who could not be read; they may be whom a copy is of."""
        entries = (self.text.data or {}).get("recipients") if self._has_entries else ()
        read = set(self.entries)
        return [e for n, e in enumerate(entries or ()) if n not in read and isinstance(e, dict)]

    @property
    def _has_entries(self) -> bool:
        data = self.text.data
        return isinstance(data, dict) and isinstance(data.get("recipients"), list)

    def desk(self, recipient: Recipient) -> Sequence[Recipient]:
        """All recipients with the same name and address: one addressee, several lines."""
        return self._desks[recipient.role, recipient.addressee]

    @cached_property
    def _desks(self) -> Mapping[object, Sequence[Recipient]]:
        desks = defaultdict[object, list[Recipient]](list)
        for recipient in self.recipients:
            desks[recipient.role, recipient.addressee].append(recipient)
        return desks

    def place(self, recipient: Recipient, *key: str) -> Location:
        """Where a recipient's value stands, or the recipient itself."""
        return self.text.place("recipients", self._numbers[recipient.id], *key)

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        pairs = zip(self.recipients, self.entries, strict=True)
        return {recipient.id: number for recipient, number in pairs}


# -- reading ---------------------------------------------------------------------------------------


def read(text: str, path: str = "recipients.yaml") -> Recipients:
    """Every recipient that could be read, and what is wrong with the others."""
    yaml = yaml_reader.read(text.removeprefix("\ufeff"), path)
    findings = list(yaml.findings)
    if yaml.data is None:
        return Recipients(path, (), tuple(findings), yaml)
    entries = _entries(yaml, path, findings)
    known: dict[str, tuple[Recipient, int]] = {}  # with their numbers in the file
    for index, entry in enumerate(entries):
        recipient = _recipient(entry, index, yaml, path, findings)
        if recipient is None:
            continue
        if recipient.id in known:
            place = yaml.place("recipients", index, "id")
            line = yaml.place("recipients", known[recipient.id][1], "id").line
            message = f"id {recipient.id} is used already on line {line}"
            findings.append(Finding(path, place, "error", "duplicate-id", message))
            continue
        known[recipient.id] = recipient, index
    recipients = tuple(recipient for recipient, _ in known.values())
    numbers = tuple(index for _, index in known.values())
    return Recipients(path, recipients, tuple(findings), yaml, numbers)


def _entries(yaml: yaml_reader.YamlText, path: str, findings: list[Finding]) -> list[Any]:
    def wrong(place: Location, message: str, rule: str = "bad-value") -> list[Any]:
        findings.append(Finding(path, place, "error", rule, message, "see faxappeal check --help"))
        return []

    if not isinstance(yaml.data, dict):
        return wrong(yaml.place(), "the file must be a mapping with the key recipients")
    for key in yaml.data:
        if key != "recipients":
            wrong(yaml.key_place(key), f"unknown key {show(key)}", "unknown-key")
    entries = yaml.data.get("recipients")
    if not isinstance(entries, list) or not entries:
        return wrong(
            yaml.place("recipients"), "recipients must be a list of at least one recipient"
        )
    return entries


def _recipient(
    entry: object, index: int, yaml: yaml_reader.YamlText, path: str, findings: list[Finding]
) -> Recipient | None:
    try:
        model = Entry.model_validate(entry)
    except ValidationError as error:
        findings += [
            shape_finding(details, ("recipients", index), yaml, path)
            for details in error.errors(include_url=False, include_context=True)
        ]
        _check_addresses(entry, index, yaml, path, findings)
        return None
    before = len(findings)
    contacts: dict[Channel, Contact] = {}
    for channel in CHANNELS:
        contact = _contact(model, channel, ("recipients", index, channel), yaml, path, findings)
        if contact:
            contacts[channel] = contact
    if not contacts and len(findings) == before:
        place = yaml.place("recipients", index)
        findings.append(
            Finding(path, place, "error", "missing-key", "neither fax nor email", "add one of them")
        )
    if errors(findings[before:]):
        return None
    lines = tuple(line.strip() for line in (model.address or "").splitlines() if line.strip())
    return Recipient(
        **model.model_dump(include=_PLAIN_FIELDS),
        address=lines,
        fax=contacts.get("fax"),
        email=contacts.get("email"),
    )


def _check_addresses(
    entry: object, index: int, yaml: yaml_reader.YamlText, path: str, findings: list[Finding]
) -> None:
    """What is wrong with the number and the address of an entry that cannot be read otherwise: a
    wrong digit is not to be hidden by a misspelt key."""
    if not isinstance(entry, dict):
        return
    for channel, name in (("fax", "number"), ("email", "address")):
        own = entry.get(channel)
        raw_address = own.get(name) if isinstance(own, dict) else own
        if isinstance(raw_address, str):
            place = yaml.place(
                "recipients", index, channel, *([name] if own != raw_address else [])
            )
            _address(channel, raw_address, entry.get("country"), place, path, findings)


def _address(
    channel: str,
    raw_address: str,
    country: object,
    place: Location,
    path: str,
    findings: list[Finding],
) -> str | None:
    """A number or an address in its normal form, or what is wrong with it."""
    region = country if isinstance(country, str) and len(country) == 2 else None
    try:
        return fax_number(raw_address, region) if channel == "fax" else email_address(raw_address)
    except AddressError as error:
        rule = "fax-number" if channel == "fax" else "email-address"
        message = f"{show(raw_address)}: {error}"
        findings.append(Finding(path, place, "error", rule, message, error.hint))
        return None


_PLAIN_FIELDS = {
    *("id", "name", "country", "office", "care_of", "timezone", "salutation"),
    *("language", "role", "copy_of", "note"),
}


def _contact(
    entry: Entry,
    channel: Channel,
    key: yaml_reader.Key,
    yaml: yaml_reader.YamlText,
    path: str,
    findings: list[Finding],
) -> Contact | None:
    own: FaxContact | EmailContact | None = getattr(entry, channel)
    if own is None:
        return None
    raw_address = own.number if isinstance(own, FaxContact) else own.address
    name = "number" if channel == "fax" else "address"
    address = _address(channel, raw_address, entry.country, yaml.place(*key, name), path, findings)
    if address is None:
        return None
    return replace(
        Contact(
            channel,
            raw_address,
            address,
            _stricter(own.status, entry.status),
            own.source or entry.source,
        ),
        last_verified=own.last_verified or entry.last_verified,
        verified_by=own.verified_by or entry.verified_by,
        method=own.method or entry.method,
        valid_until=own.valid_until or entry.valid_until,
    )


def _stricter(own: ContactStatus | None, entry: ContactStatus | None) -> ContactStatus:
    """A contact's status: a wish not to be written to holds wherever it is written."""
    for status in _STRICTEST:
        if status in (own, entry):
            return status
    return own or entry or ContactStatus.UNVERIFIED


_STRICTEST = (ContactStatus.OPTED_OUT, ContactStatus.RETIRED)
