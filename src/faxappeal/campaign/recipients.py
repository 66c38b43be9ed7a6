"""recipients.yaml: who is written to, where, and how we know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import ValidationError

from ..core.address import AddressError, email_address, fax_number
from ..core.finding import Finding, Location, errors
from ..core.text import show
from . import yaml_reader
from .contact import CHANNELS, Channel, Contact, status_of
from .recipient_errors import add_shape_error
from .recipient_keys import ADDRESS_KEYS, EmailContact, Entry, FaxContact
from .yaml_reader import YamlText

MAX_ADDRESS_LINES = 6  # DIN 5008: the address zone of a window envelope


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

    recipients: tuple[Recipient, ...]
    unread: tuple[Mapping[str, Any], ...]  # the others as written; a copy may be of one of them
    numbers: Mapping[str, int]  # of each recipient in the file, by id
    text: YamlText

    def __iter__(self) -> Iterator[Recipient]:
        return iter(self.recipients)

    @property
    def path(self) -> str:
        return self.text.findings.path

    @property
    def findings(self) -> Sequence[Finding]:
        return self.text.findings

    def get(self, id: str) -> Recipient | None:
        return self._by_id.get(id)

    @cached_property
    def _by_id(self) -> Mapping[str, Recipient]:
        return {recipient.id: recipient for recipient in self.recipients}

    @cached_property
    def copies(self) -> Sequence[Recipient]:
        """Those who get a copy."""
        return [recipient for recipient in self.recipients if recipient.role == "cc"]

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
        return self.text.place("recipients", self.numbers[recipient.id], *key)


# -- reading ---------------------------------------------------------------------------------------


def read(text: str, path: str = "recipients.yaml") -> Recipients:
    """Every recipient that could be read, and what is wrong with the others."""
    yaml = yaml_reader.read(text.removeprefix("\ufeff"), path)
    recipients: list[Recipient] = []
    unread: list[Mapping[str, Any]] = []
    numbers: dict[str, int] = {}
    for number, entry in enumerate(_entries(yaml)):
        recipient = _recipient(entry, number, yaml)
        if recipient and recipient.id not in numbers:
            recipients.append(recipient)
            numbers[recipient.id] = number
            continue
        if recipient:
            line = yaml.place("recipients", numbers[recipient.id], "id").line
            message = f"id {recipient.id} is used already on line {line}"
            yaml.findings.error(yaml.place("recipients", number, "id"), "duplicate-id", message)
        if isinstance(entry, dict):
            unread.append(entry)
    return Recipients(tuple(recipients), tuple(unread), numbers, yaml)


def _entries(yaml: YamlText) -> list[Any]:
    def wrong(place: Location, message: str, rule: str = "bad-value") -> list[Any]:
        yaml.findings.error(place, rule, message, "see faxappeal check --help")
        return []

    if yaml.data is None:  # not YAML: said already
        return []
    if not isinstance(yaml.data, dict):
        return wrong(yaml.place(), "the file must be a mapping with the key recipients")
    for key in yaml.data:
        if key != "recipients":
            wrong(yaml.key_place(key), f"unknown key {show(key)}", "unknown-key")
    entries = yaml.data.get("recipients")
    if not isinstance(entries, list) or not entries:
        message = "recipients must be a list of at least one recipient"
        return wrong(yaml.place("recipients"), message)
    return entries


def _recipient(entry: object, number: int, yaml: YamlText) -> Recipient | None:
    before = len(yaml.findings)
    try:
        model = Entry.model_validate(entry)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            add_shape_error(details, ("recipients", number), yaml)
        _check_addresses(entry, number, yaml)
        return None
    contacts = {channel: _contact(model, channel, number, yaml) for channel in CHANNELS}
    if not any(contacts.values()) and len(yaml.findings) == before:
        place = yaml.place("recipients", number)
        yaml.findings.error(place, "missing-key", "neither fax nor email", "add one of them")
    if errors(yaml.findings[before:]):
        return None
    lines = (line.strip() for line in (model.address or "").splitlines())
    return Recipient(
        **model.model_dump(include=_PLAIN_FIELDS),
        address=tuple(filter(None, lines)),
        fax=contacts["fax"],
        email=contacts["email"],
    )


def _check_addresses(entry: object, number: int, yaml: YamlText) -> None:
    """What is wrong with the number and the address of an entry that cannot be read otherwise: a
    wrong digit is not to be hidden by a misspelt key."""
    if not isinstance(entry, dict):
        return
    for channel in CHANNELS:
        own = entry.get(channel)
        raw_address = own.get(ADDRESS_KEYS[channel]) if isinstance(own, dict) else own
        if isinstance(raw_address, str):
            _address(raw_address, channel, entry.get("country"), number, yaml)


def _address(
    raw_address: str, channel: Channel, country: object, number: int, yaml: YamlText
) -> str | None:
    """A number or an address in its normal form, or what is wrong with it."""
    region = country if isinstance(country, str) and len(country) == 2 else None
    try:
        return fax_number(raw_address, region) if channel == "fax" else email_address(raw_address)
    except AddressError as error:
        place = yaml.place("recipients", number, channel, ADDRESS_KEYS[channel])
        rule = "fax-number" if channel == "fax" else "email-address"
        yaml.findings.error(place, rule, f"{show(raw_address)}: {error}", error.hint)
        return None


_PLAIN_FIELDS = {
    *("id", "name", "country", "office", "care_of", "timezone", "salutation"),
    *("language", "role", "copy_of", "note"),
}
_EVIDENCE = ("source", "last_verified", "verified_by", "method", "valid_until")


def _contact(entry: Entry, channel: Channel, number: int, yaml: YamlText) -> Contact | None:
    own: FaxContact | EmailContact | None = getattr(entry, channel)
    if own is None:
        return None
    raw_address = getattr(own, ADDRESS_KEYS[channel])
    address = _address(raw_address, channel, entry.country, number, yaml)
    if address is None:
        return None
    return Contact(
        channel=channel,
        raw_address=raw_address,
        address=address,
        status=status_of(own.status, entry.status),
        **{name: getattr(own, name) or getattr(entry, name) for name in _EVIDENCE},
    )
