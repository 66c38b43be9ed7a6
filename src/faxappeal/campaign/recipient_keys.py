"""An entry of recipients.yaml as people write it, typed by pydantic: the border."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from ..core.lifecycle import ContactStatus, Method

# not the enums themselves, for which the schema would have a reference and not the words
_Status = Literal[
    ContactStatus.UNVERIFIED, ContactStatus.ACTIVE, ContactStatus.RETIRED, ContactStatus.OPTED_OUT
]
ADDRESS_KEYS = {"fax": "number", "email": "address"}  # where a contact is a mapping
_Method = Literal[Method.WEBSITE, Method.CALL, Method.LETTERHEAD]


def _key(description: str, *examples: str, default: Any = None, **more: Any) -> Any:
    """A key with what an editor shows of it."""
    return Field(default, description=description, examples=list(examples) or None, **more)


def _source(default: Any) -> Any:
    words = "Where the contact comes from."
    return _key(words, "https://www.example.org/contact", default=default, min_length=3)


class _Evidence(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, defer_build=True)

    status: _Status | None = _key("Only active contacts are written to without a question.")
    source: str | None = _source(None)
    last_verified: date | None = _key("The day on which a person checked it.", "2026-11-01")
    verified_by: str | None = _key("Who checked it.", "E. Mustermann")
    method: _Method | None = _key("How it was checked.")
    valid_until: date | None = _key("After this day it counts as stale.", "2027-03-31")


class FaxContact(_Evidence):
    """A fax number with evidence of its own."""

    number: str = _key("One number in international form, quoted.", "+86 10 6529 2345", default=...)


class EmailContact(_Evidence):
    """An e-mail address with evidence of its own."""

    address: str = _key("One plain address.", "office@example.org", default=...)


_ID = r"^[a-z0-9][a-z0-9-]{0,40}$"
_LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


class Entry(_Evidence):
    """An office, and how it is reached."""

    id: str = _key("A label, unique in the file.", "state-council", default=..., pattern=_ID)
    name: str = _key(
        "Who is written to.", "Premier Wen Jiabao", default=..., min_length=2, max_length=200
    )
    country: str = _key("ISO 3166-1 alpha-2, quoted.", "CN", default=..., pattern=r"^[A-Z]{2}$")
    source: str = _source(...)
    office: str | None = _key("The office, below the name.")
    care_of: str | None = _key("Who passes the letter on.")
    address: str | None = _key(
        "The postal address; with name, office and care_of at most six lines."
    )
    timezone: str | None = _key(
        "IANA name; needed where the number does not tell it.", "Asia/Shanghai"
    )
    salutation: str | None = _key("Without the comma behind it.", "Your Excellency")
    language: str | None = _key("BCP 47.", "en", "zh-Hans", pattern=_LANGUAGE)
    role: Literal["to", "cc"] = _key("cc gets a copy of the letter.", default="to")
    copy_of: str | None = _key("The id of the recipient whose letter is copied.")
    fax: FaxContact | None = _key("One number, or a mapping.")
    email: EmailContact | None = _key("One address, or a mapping.")
    note: str | None = _key("For whoever reads the file; it is in no letter.")

    @field_validator("fax", "email", mode="before")
    @classmethod
    def _plain_contact(cls, value: object, info: ValidationInfo) -> object:
        return {ADDRESS_KEYS[str(info.field_name)]: value} if isinstance(value, str) else value
