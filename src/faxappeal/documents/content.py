"""The content of a letter, before it has a form: one source for the page, the fax and the e-mail.

The address block, date, telefax block and "Copy to:" come from the data; the template only writes
the letter between the subject and the signature.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeGuard

from pydantic import computed_field

from ..campaign.contact import Contact
from ..campaign.letter import Letter, is_right_to_left
from ..campaign.letter_files import FileProblem
from ..campaign.loading import LoadedCampaign
from ..campaign.markdown import Node
from ..campaign.recipients import MAX_ADDRESS_LINES, Recipient
from ..core.finding import Location
from ..core.json import Internal, key, to_data
from ..core.lifecycle import ContactStatus
from ..core.text import clean
from .images import ImageError, picture
from .labels import Words, words

Isolate = Callable[[str], str]

# what the template may use
_SENDER_VALUES = ("name", "organisation", "address", "phone", "email", "fax")
_RECIPIENT_VALUES = (
    *("id", "name", "office", "care_of", "address", "country", "salutation", "language"),
    *("fax", "email"),
)
_SHOWN = (ContactStatus.UNVERIFIED, ContactStatus.ACTIVE)


@dataclass(frozen=True)
class Content:
    """A letter with all that is printed round it; every field is plain text, no markup."""

    letter: Internal[Letter]
    address: tuple[str, ...]
    telefax: tuple[str, ...]
    date: Internal[date]
    copies: tuple[str, ...]
    sender: tuple[str, ...]
    reach: tuple[str, ...]  # the sender's telephone, fax and e-mail
    original: Internal[str | None] = None  # whom the letter went to, on a copy
    pictures: Internal[Mapping[str, bytes]] = field(default_factory=dict)  # by name
    attachments: Internal[Mapping[str, bytes]] = field(default_factory=dict)
    signed: tuple[str, ...] = ()  # who signs as well

    subject = key(lambda content: content.letter.subject, tuple[str, ...])
    body = key(lambda content: content.letter.body, tuple[Node, ...])

    @computed_field  # type: ignore[prop-decorator]
    @property
    def language(self) -> str:
        return self.letter.language

    @property
    def words(self) -> Words:
        """What is printed round the letter, in its language."""
        return words(self.language)

    @property
    def telefax_lines(self) -> list[str]:
        """The numbers that the letter goes to, with their label."""
        return [f"{self.words.telefax}: {line}" for line in self.telefax]

    @property
    def notice(self) -> str:
        """On a copy, whom the letter went to; else empty."""
        return self.words.notice.format(name=self.original) if self.original else ""

    @cached_property
    def date_text(self) -> str:
        """The date in words of the letter's language; for plain `en` as `14 February 2003`."""
        from babel import Locale, UnknownLocaleError
        from babel.dates import format_date

        tag = "en-001" if self.language.lower() == "en" else self.language
        try:
            locale = Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            locale = Locale.parse("en_001")
        return format_date(self.date, "long", locale)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def files(self) -> dict[str, str]:
        """The SHA-256 of each picture and attachment."""
        files = (*self.pictures.items(), *self.attachments.items())
        return {name: hashlib.sha256(data).hexdigest() for name, data in files}

    @property
    def data(self) -> dict[str, Any]:
        """What the page and the hash are made of; without the date, which is stamped when the
        letter is first sent."""
        return dict(to_data(self, sparse=True))

    @cached_property
    def sha256(self) -> str:
        """Identity of the letter's content, the same on every machine and in every version."""
        data = json.dumps(self.data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(data.encode()).hexdigest()


def build(campaign: LoadedCampaign, recipient: Recipient, day: date) -> Content:
    """The letter for one recipient; LetterError where it cannot be written or lacks a file."""
    original = _original_of(campaign, recipient)
    lines = campaign.recipients.desk(original)  # one addressee may have several telephone lines
    copies = [copy for copy in campaign.recipients.copies if _original_of(campaign, copy) in lines]
    shared = len(lines) > 1
    isolate = isolation(campaign.letter.language)
    blank = Content(
        letter=Letter((), campaign.letter.language, ()),
        address=tuple(map(isolate, _address_lines(original, shared=shared))),
        telefax=tuple(
            _telefax_line(line, line.fax, shared, isolate) for line in lines if _shown(line.fax)
        ),
        date=day,
        copies=(),
        sender=tuple(map(isolate, _sender_lines(campaign))),
        original=original.name if original is not recipient else None,
        reach=_reach(campaign, isolate),
        signed=_signed(campaign, isolate),
    )
    context = _context(campaign, original, copies)
    if "date" in campaign.letter.body:  # Babel takes its time to load
        context["date"] = blank.date_text
    letter = campaign.write(context)
    return replace(
        blank,
        letter=letter,
        copies=tuple(_copy_line(copy, blank.words, isolate) for copy in copies),
        pictures={name: _file(campaign, name, image=True) for name in _image_names(letter.body)},
        attachments={name: _file(campaign, name) for name in letter.attachments},
    )


def _image_names(nodes: Sequence[Node]) -> list[str]:
    """The files that a letter's images are, each once."""
    names = [node.target for node in nodes if node.kind == "image"]
    for node in nodes:
        names += _image_names(node.children)
    return list(dict.fromkeys(names))


def _file(campaign: LoadedCampaign, name: str, *, image: bool = False) -> bytes:
    source = campaign.letter
    try:
        data = campaign.files.read(name)
        if image:
            picture(data)
    except (FileProblem, ImageError) as error:
        line = source.line_of(name) if image else source.attachments_line
        raise source.error(Location(line), "attachment", f"{name}: {error}") from error
    return data


def _original_of(campaign: LoadedCampaign, recipient: Recipient) -> Recipient:
    """The recipient, or for a copy the one whom the letter is addressed to."""
    if recipient.role == "to":
        return recipient
    named = campaign.recipients.get(recipient.copy_of) if recipient.copy_of else None
    return named or next((r for r in campaign.recipients if r.role == "to"), recipient)


def _address_lines(recipient: Recipient, *, shared: bool = False) -> tuple[str, ...]:
    """The address block. Where an addressee has several lines, `care_of` stands with each line."""
    care_of = f"c/o {recipient.care_of}" if recipient.care_of and not shared else None
    lines = (recipient.name, recipient.office, care_of, *recipient.address)
    return tuple(clean(line) for line in lines if line)


def too_long(recipient: Recipient) -> bool:
    """Whether name, office, care_of and address do not fit an address window together."""
    return len(_address_lines(recipient)) > MAX_ADDRESS_LINES


def _shown(contact: Contact | None) -> TypeGuard[Contact]:
    return contact is not None and contact.status in _SHOWN


def isolation(language: str) -> Isolate:
    """What keeps a value's own order in an Arabic or Hebrew line, in all outputs.

    Without it "+86 10 6529 2345" beside an Arabic word is shown as "2345 6529 10 86+".
    """
    if is_right_to_left(language):
        return lambda text: f"\u2068{text}\u2069"  # first strong isolate (UAX #9)
    return lambda text: text


def _telefax_line(recipient: Recipient, fax: Contact, shared: bool, isolate: Isolate) -> str:
    number = isolate(clean(fax.raw_address))
    if recipient.care_of and shared:
        return f"{number} ({isolate(clean(f'c/o {recipient.care_of}'))})"
    return number


def _copy_line(recipient: Recipient, labels: Words, isolate: Isolate) -> str:
    parts = [isolate(line) for line in _address_lines(recipient)]
    for label, contact in ((labels.telefax, recipient.fax), (labels.email, recipient.email)):
        if _shown(contact):
            parts.append(f"{label}: {isolate(clean(contact.raw_address))}")
    return ", ".join(parts)


def _sender_lines(campaign: LoadedCampaign) -> tuple[str, ...]:
    sender = campaign.settings.sender
    lines = (sender.name, sender.organisation, *(sender.address or "").splitlines())
    return tuple(clean(line) for line in lines if line and line.strip())


def _reach(campaign: LoadedCampaign, isolate: Isolate) -> tuple[str, ...]:
    sender, labels = campaign.settings.sender, words(campaign.letter.language)
    values = (
        (labels.phone, sender.phone),
        (labels.telefax, sender.fax),
        (labels.email, sender.email),
    )
    return tuple(f"{label}: {isolate(value)}" for label, value in values if value)


def _signed(campaign: LoadedCampaign, isolate: Isolate) -> tuple[str, ...]:
    """The names under a joint letter, and how many more there are."""
    shown = campaign.signing[: campaign.settings.senders.names]
    lines = [isolate(clean(signatory.line)) for signatory in shown]
    if others := len(campaign.signing) - len(shown):
        lines.append(words(campaign.letter.language).others.format(n=f"{others}"))
    return tuple(lines)


def _context(
    campaign: LoadedCampaign, recipient: Recipient, copies: list[Recipient]
) -> dict[str, Any]:
    """What the template may use: texts only, no objects with methods."""
    sender = campaign.settings.sender
    return {
        "to": _as_values(recipient),
        "sender": {
            **{name: getattr(sender, name) for name in _SENDER_VALUES},
            "address": ", ".join((sender.address or "").splitlines()) or None,
        },
        "campaign": {"id": campaign.settings.campaign.id},
        "copies": [_as_values(copy) for copy in copies],
    }


def _as_values(recipient: Recipient) -> dict[str, str | None]:
    return {
        **{name: getattr(recipient, name) for name in _RECIPIENT_VALUES},
        "address": ", ".join(recipient.address) or None,
        "fax": recipient.fax.raw_address if recipient.fax else None,
        "email": recipient.email.raw_address if recipient.email else None,
    }
