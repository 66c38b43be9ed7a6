"""An entry of recipients.yaml as people write it, typed by pydantic: the border."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..core.lifecycle import ContactStatus, Method

# not the enums themselves, for which the schema would have a reference and not the words
_Status = Literal[
    ContactStatus.UNVERIFIED, ContactStatus.ACTIVE, ContactStatus.RETIRED, ContactStatus.OPTED_OUT
]
_Method = Literal[Method.WEBSITE, Method.CALL, Method.LETTERHEAD]


def _told(words: str, *examples: str, **more: Any) -> Any:
    """A field with what an editor shows of it."""
    return Field(description=words, examples=list(examples) or None, **more)


class _Evidence(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, defer_build=True)

    status: Annotated[
        _Status | None, _told("Only active contacts are written to without a question.")
    ] = None
    source: Annotated[
        str | None,
        _told("Where the contact comes from.", "https://www.example.org/contact", min_length=3),
    ] = None
    last_verified: Annotated[
        date | None, _told("The day on which a person checked it.", "2026-11-01")
    ] = None
    verified_by: Annotated[str | None, _told("Who checked it.", "E. Mustermann")] = None
    method: Annotated[_Method | None, _told("How it was checked.")] = None
    valid_until: Annotated[
        date | None, _told("After this day it counts as stale.", "2027-03-31")
    ] = None


class FaxContact(_Evidence):
    """A fax number with evidence of its own."""

    number: Annotated[str, _told("One number in international form, quoted.", "+86 10 6529 2345")]


class EmailContact(_Evidence):
    """An e-mail address with evidence of its own."""

    address: Annotated[str, _told("One plain address.", "office@example.org")]


class Entry(_Evidence):
    """An office, and how it is reached."""

    id: Annotated[
        str,
        _told(
            "A label, unique in the file.", "state-council", pattern=r"^[a-z0-9][a-z0-9-]{0,40}$"
        ),
    ]
    name: Annotated[
        str, _told("Who is written to.", "Premier Wen Jiabao", min_length=2, max_length=200)
    ]
    country: Annotated[str, _told("ISO 3166-1 alpha-2, quoted.", "CN", pattern=r"^[A-Z]{2}$")]
    source: Annotated[
        str,
        _told("Where the contact comes from.", "https://www.example.org/contact", min_length=3),
    ]
    office: Annotated[str | None, _told("The office, below the name.")] = None
    care_of: Annotated[str | None, _told("Who passes the letter on.")] = None
    address: Annotated[
        str | None,
        _told("The postal address; with name, office and care_of at most six lines."),
    ] = None
    timezone: Annotated[
        str | None,
        _told("IANA name; needed where the number does not tell it.", "Asia/Shanghai"),
    ] = None
    salutation: Annotated[str | None, _told("Without the comma behind it.", "Your Excellency")] = (
        None
    )
    language: Annotated[
        str | None,
        _told("BCP 47.", "en", "zh-Hans", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
    ] = None
    role: Annotated[Literal["to", "cc"], _told("cc gets a copy of the letter.")] = "to"
    copy_of: Annotated[str | None, _told("The id of the recipient whose letter is copied.")] = None
    fax: Annotated[FaxContact | None, _told("One number, or a mapping.")] = None
    email: Annotated[EmailContact | None, _told("One address, or a mapping.")] = None
    note: Annotated[str | None, _told("For whoever reads the file; it is in no letter.")] = None

    @field_validator("fax", mode="before")
    @classmethod
    def _plain_number(cls, value: object) -> object:
        return {"number": value} if isinstance(value, str) else value

    @field_validator("email", mode="before")
    @classmethod
    def _plain_address(cls, value: object) -> object:
        return {"address": value} if isinstance(value, str) else value
