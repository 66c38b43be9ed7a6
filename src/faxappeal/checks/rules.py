"""The rules, one function each. Its docstring is its manual page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..address import number_region, number_zones
from ..campaign import Ready
from ..documents.content import build, too_long
from ..finding import Finding, Level, Place
from ..letter import LetterError
from ..plan import STALE_AFTER
from ..recipients import MAX_ADDRESS_LINES, Contact, Recipient
from ..settings import FILE as SETTINGS

Found = Iterator[tuple[str, Place, str, str]]  # path, place, message, hint


@dataclass(frozen=True)
class Rule:
    """A rule: its name, how much it matters, and its manual."""

    id: str
    level: Level
    find: Callable[[Ready, date], Found]

    @property
    def manual(self) -> str:
        return self.find.__doc__ or ""

    def check(self, campaign: Ready, today: date) -> list[Finding]:
        return [
            Finding(path, place, self.level, self.id, message, hint)
            for path, place, message, hint in self.find(campaign, today)
        ]


RULES: dict[str, Rule] = {}


def rule(id: str, level: Level) -> Callable[[Callable[[Ready, date], Found]], Rule]:
    """Make a rule of a function."""

    def make(find: Callable[[Ready, date], Found]) -> Rule:
        RULES[id] = made = Rule(id, level, find)
        return made

    return make


def _contacts(campaign: Ready) -> Iterator[tuple[Recipient, Contact, Place]]:
    for recipient in campaign.recipients:
        for contact in recipient.contacts:
            yield recipient, contact, campaign.recipients.place(recipient, contact.channel)


@rule("duplicate-address", "error")
def duplicate_address(campaign: Ready, today: date) -> Found:
    """The same number or address stands twice, perhaps written in two ways.

    A letter goes to one address once, so the second could never be sent.
    """
    first: dict[tuple[str, str], str] = {}
    for recipient, contact, place in _contacts(campaign):
        key = (contact.channel, contact.address)
        if key in first:
            message = f"{contact.address} is already the {contact.channel} of {first[key]}"
            yield campaign.recipients.path, place, message, "remove one of the two"
        first.setdefault(key, recipient.id)


@rule("number-country", "warning")
def number_country(campaign: Ready, today: date) -> Found:
    """The number belongs to another country than the recipient's.

    That may be right; mostly it is a wrong country code, and a stranger's telephone.
    """
    for recipient, contact, place in _contacts(campaign):
        if contact.channel != "fax":
            continue
        region = number_region(contact.address)
        if region and region != recipient.country:
            message = (
                f"{contact.address} is a number of {region}, the country is {recipient.country}"
            )
            yield campaign.recipients.path, place, message, "compare the country code"


@rule("active-evidence", "error")
def active_evidence(campaign: Ready, today: date) -> Found:
    """`status: active` needs `last_verified`, `verified_by` and `method`.

    Only a person can know that a number is still an office's fax; the file says who, when and how.
    """
    for _, contact, place in _contacts(campaign):
        if contact.status != "active":
            continue
        names = ("last_verified", "verified_by", "method")
        missing = [name for name in names if getattr(contact, name) is None]
        if missing:
            message = f"an active {contact.channel} needs {', '.join(missing)}"
            hint = "add it, or write status: unverified"
            yield campaign.recipients.path, place, message, hint


@rule("verified-in-future", "error")
def verified_in_future(campaign: Ready, today: date) -> Found:
    """`last_verified` lies in the future."""
    for _, contact, place in _contacts(campaign):
        if contact.last_verified and contact.last_verified > today:
            message = f"last_verified {contact.last_verified} is in the future"
            yield campaign.recipients.path, place, message, "write the day of the check"


@rule("stale", "error")
def stale(campaign: Ready, today: date) -> Found:
    """A contact counts as active, but was last checked more than 180 days ago, or has expired.

    `send` holds it until somebody checks it again.
    """
    for _, contact, place in _contacts(campaign):
        if contact.status != "active" or contact.last_verified is None:
            continue
        age = today - contact.last_verified
        if age > STALE_AFTER:
            message = f"verified {age.days} days ago, the limit is {STALE_AFTER.days}"
            yield campaign.recipients.path, place, message, "check it again with the office"
        elif contact.valid_until and today > contact.valid_until:
            message = f"valid only until {contact.valid_until}"
            yield campaign.recipients.path, place, message, "check it again with the office"


@rule("time-zone", "error")
def time_zone(campaign: Ready, today: date) -> Found:
    """A fax needs the recipient's time zone, so that no telephone rings at night.

    Mostly the number tells it. Where it leaves a doubt (a toll-free number, say), the file must.
    """
    for recipient in campaign.recipients:
        place = campaign.recipients.place(recipient, "timezone")
        if recipient.timezone:
            try:
                ZoneInfo(recipient.timezone)
            except (ZoneInfoNotFoundError, ValueError):
                message = "timezone is not a name of the IANA database"
                yield campaign.recipients.path, place, message, "write it as Asia/Shanghai"
        elif recipient.fax and len(number_zones(recipient.fax.address)) != 1:
            place = campaign.recipients.place(recipient, "fax")
            message = f"{recipient.fax.address} may be in several time zones"
            yield campaign.recipients.path, place, message, "add timezone: Area/City"


@rule("address-length", "error")
def address_length(campaign: Ready, today: date) -> Found:
    """Name, office, care_of and address have more than six lines together.

    An address window shows six (DIN 5008).
    """
    for recipient in campaign.recipients:
        if too_long(recipient):
            place = campaign.recipients.place(recipient, "address")
            message = f"the address has more than {MAX_ADDRESS_LINES} lines with name and office"
            yield campaign.recipients.path, place, message, "write two parts on one line"


@rule("copy-of", "error")
def copy_of(campaign: Ready, today: date) -> Found:
    """A copy needs a letter: a `cc` without any `to`, or `copy_of` with an unknown id."""
    letters = {r.id for r in campaign.recipients if r.role == "to"}
    for recipient in campaign.recipients:
        if recipient.copy_of and recipient.copy_of not in letters:
            place = campaign.recipients.place(recipient, "copy_of")
            message = f"copy_of names no recipient with role to: {recipient.copy_of}"
            yield campaign.recipients.path, place, message, "write the id of a recipient"
        elif recipient.role == "cc" and not letters:
            place = campaign.recipients.place(recipient, "role")
            yield campaign.recipients.path, place, "a copy, but nobody gets the letter", ""


@rule("account", "error")
def account(campaign: Ready, today: date) -> Found:
    """There are faxes or e-mails to send, and no account, or one without its table."""
    fax, email = campaign.settings.fax, campaign.settings.email
    has_table = {
        "fax": bool(fax.account and fax.table(fax.account)),
        "email": email.smtp is not None,
    }
    for channel, section in (("fax", fax), ("email", email)):
        used = any(c.channel == channel for r in campaign.recipients for c in r.contacts)
        if not used:
            continue
        if section.account is None:
            message = f"no account for {channel} is chosen"
            yield SETTINGS, Place(), message, f'add account = "…" to [{channel}]'
        elif not has_table[channel]:
            table = f"{channel}.{section.account}"
            yield SETTINGS, Place(), f"the table [{table}] is missing", f"add [{table}]"


@rule("letter", "error")
def letter(campaign: Ready, today: date) -> Found:
    """The letter can be written for each recipient: no unknown variable, nothing empty."""
    if campaign.press.syntax(campaign.letter):
        return  # told once, not for each recipient
    told = set()
    for recipient in campaign.recipients:
        try:
            build(campaign, recipient, today)
        except LetterError as error:
            finding = error.finding
            if finding.order not in told:
                told.add(finding.order)
                message = f"{finding.message} (for {recipient.id})"
                yield finding.path, finding.place, message, finding.hint
