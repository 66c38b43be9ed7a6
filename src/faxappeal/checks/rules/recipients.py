"""Rules on recipients.yaml: what its readers cannot see, because it is well written and still
doubtful."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import available_timezones

from ...campaign.contact import STALE_AFTER, Channel, Contact
from ...campaign.recipients import MAX_ADDRESS_LINES, Recipient, Recipients
from ...core.address import is_mixed, number_region, too_many_digits
from ...core.finding import Location
from ...core.lifecycle import ContactStatus, HoldReason
from ...core.text import guess_hint, show
from ...core.zones import conflict, is_place, number_zones
from ...documents.content import too_long
from ..registry import InList, on_list

OLD_AFTER = timedelta(days=90)  # half of what `send` trusts
_CHECK_AGAIN = "check it again with the office"


def contacts(
    recipients: Recipients, channel: Channel | None = None
) -> Iterator[tuple[Recipient, Contact, Location]]:
    """Each contact of each recipient, or only those of a channel, and where it is written."""
    for recipient in recipients:
        for contact in recipient.contacts:
            if channel in (None, contact.channel):
                yield recipient, contact, recipients.place(recipient, contact.channel)


@on_list("duplicate-address", "error")
def duplicate_address(recipients: Recipients, today: date) -> InList:
    """The same number or address stands twice, perhaps written in two ways.

    A letter goes to one address once, so the second could never be sent.

    Bad:

        - id: office
          fax: "+49 30 23125 012"
        - id: the-same-office
          fax: "+49-30-23125012"

    Good:

        - id: office
          fax: "+49 30 23125 012"
    """
    first: dict[tuple[str, str], str] = {}
    for recipient, contact, place in contacts(recipients):
        key = (contact.channel, contact.address)
        if key in first:
            message = f"{contact.address} is already the {contact.channel} of {first[key]}"
            yield place, message, "remove one of the two"
        first.setdefault(key, recipient.id)


@on_list("number-country", "warning")
def number_country(recipients: Recipients, today: date) -> InList:
    """The number belongs to another country than the recipient's.

    That may be right; mostly it is a wrong country code, and a stranger's telephone.

    Bad:

        country: CN
        fax: "+49 30 23125 012"

    Good:

        country: DE
        fax: "+49 30 23125 012"
    """
    for recipient, contact, place in contacts(recipients, "fax"):
        region = number_region(contact.address)
        if region and region != recipient.country:
            message = (
                f"{contact.address} is a number of {region}, the country is {recipient.country}"
            )
            yield place, message, "compare the country code"


@on_list("active-evidence", "error")
def active_evidence(recipients: Recipients, today: date) -> InList:
    """`status: active` needs `last_verified`, `verified_by` and `method`.

    Only a person can know that a number is still an office's fax; the file says who, when and how.

    Bad:

        status: active

    Good:

        status: active
        last_verified: 2026-11-01
        verified_by: E. Mustermann
        method: call
    """
    for _, contact, place in contacts(recipients):
        if contact.status is not ContactStatus.ACTIVE:
            continue
        names = ("last_verified", "verified_by", "method")
        missing = [name for name in names if getattr(contact, name) is None]
        if missing:
            message = f"an active {contact.channel} needs {', '.join(missing)}"
            yield place, message, "add it, or write status: unverified"


@on_list("verified-in-future", "error")
def verified_in_future(recipients: Recipients, today: date) -> InList:
    """`last_verified` lies in the future.

    A contact cannot have been checked yet: a year or a month is mistyped.

    Bad:

        last_verified: 2062-11-01

    Good:

        last_verified: 2026-11-01
    """
    for _, contact, place in contacts(recipients):
        if contact.last_verified and contact.last_verified > today:
            message = f"last_verified {contact.last_verified} is in the future"
            yield place, message, "write the day of the check"


@on_list(HoldReason.STALE, "error")
def stale(recipients: Recipients, today: date) -> InList:
    """A contact counts as active, but was last checked more than 180 days ago, or has expired.

    `send` holds it until somebody checks it again: call the office, or look at its website, and
    write the day.

    Bad:

        last_verified: 2025-11-01

    Good:

        last_verified: 2026-11-01
    """
    for _, contact, place in contacts(recipients):
        if contact.status is not ContactStatus.ACTIVE or contact.last_verified is None:
            continue
        age = today - contact.last_verified
        if age > STALE_AFTER:
            message = f"verified {age.days} days ago, the limit is {STALE_AFTER.days}"
            yield place, message, _CHECK_AGAIN
        elif contact.valid_until and today > contact.valid_until:
            yield place, f"valid only until {contact.valid_until}", _CHECK_AGAIN


@on_list("aging", "warning")
def aging(recipients: Recipients, today: date) -> InList:
    """An active contact was last checked more than 90 days ago.

    Offices move and numbers change hands. After 180 days `send` holds the contact.

    Bad:

        last_verified: 2026-08-01

    Good:

        last_verified: 2026-11-01
    """
    for _, contact, place in contacts(recipients):
        if contact.status is not ContactStatus.ACTIVE or contact.last_verified is None:
            continue
        age = today - contact.last_verified
        if OLD_AFTER < age <= STALE_AFTER:
            left = (STALE_AFTER - age).days
            message = f"verified {age.days} days ago; in {left} days it counts as stale"
            yield place, message, _CHECK_AGAIN


@on_list("number-length", "warning")
def number_length(recipients: Recipients, today: date) -> InList:
    """The number has more digits than numbers of its country mostly have.

    In some countries a plan allows many digits: two numbers written as one, or a doubled ending,
    are "valid" there, and somebody else's telephone rings.

    Bad:

        fax: "+49 30 23125 01213"

    Good:

        fax: "+49 30 23125 012"
    """
    for _, contact, place in contacts(recipients, "fax"):
        if usual := too_many_digits(contact.address):
            message = f"{contact.address} has more digits than the usual {usual} of its country"
            yield place, message, "compare it digit by digit with the source"


@on_list("look-alike", "warning")
def look_alike(recipients: Recipients, today: date) -> InList:
    """A word mixes letters of two alphabets that look alike.

    Mostly it was pasted from somewhere. A search for the name would not find it, and the page may
    show a letter of another shape.

    Bad:

        name: Оffice of the Premier     # a Cyrillic О

    Good:

        name: Office of the Premier
    """  # noqa: RUF002
    for recipient in recipients:
        for key in ("name", "office", "care_of", "salutation"):
            words = str(getattr(recipient, key) or "").split()
            if mixed := next((word for word in words if is_mixed(word)), None):
                message = f"{key}: {show(mixed)} mixes letters of two alphabets"
                yield recipients.place(recipient, key), message, "type the word anew"


@on_list("salutation", "warning")
def salutation(recipients: Recipients, today: date) -> InList:
    """A salutation ends with a comma or a colon, which the letter writes itself.

    Bad:

        salutation: "Your Excellency,"

    Good:

        salutation: Your Excellency
    """
    for recipient in recipients:
        if recipient.salutation and recipient.salutation.rstrip().endswith((",", ":", "!")):
            place = recipients.place(recipient, "salutation")
            yield place, "the salutation ends with a punctuation mark", "the letter writes it"


@on_list("time-zone", "error")
def time_zone(recipients: Recipients, today: date) -> InList:
    """A fax needs the recipient's time zone, so that no telephone rings at night.

    Usually the number tells it. `timezone` is needed where the number may be in several zones (a
    toll-free number, say); it may not contradict the number, and it must be the name of a place.

    Bad:

        fax: "+49 30 23125 012"
        timezone: Asia/Shanghai

    Good:

        fax: "+1 800 555 0100"
        timezone: America/New_York
    """
    for recipient in recipients:
        fax = recipient.fax
        zones = number_zones(fax.address, today) if fax else ()
        given = recipient.timezone
        if given and not is_place(given):
            message = f"timezone {show(given)} is not the name of a place in the IANA database"
            places = sorted(filter(is_place, available_timezones()))
            hint = guess_hint(given, places, "write it as Asia/Shanghai")
            yield recipients.place(recipient, "timezone"), message, hint
        elif given and fax and (wrong := conflict(given, zones, today)):
            message = (
                f"{fax.address} is in {wrong.zone}, not in {given}: on {wrong.day}, at "
                f"{wrong.given:%H:%M} in {given}, it is {wrong.actual:%H:%M} there"
            )
            hint = f"write one of {', '.join(zones)}" if len(zones) > 1 else "remove timezone"
            yield recipients.place(recipient, "timezone"), message, hint
        elif fax and not given and len(zones) != 1:
            place = recipients.place(recipient, "fax")
            where = "in several time zones" if zones else "anywhere: it has no time zone of its own"
            yield place, f"{fax.address} may be {where}", "add timezone: Area/City"


@on_list("address-length", "error")
def address_length(recipients: Recipients, today: date) -> InList:
    """Name, office, care_of and address have more than six lines together.

    An address window shows six (DIN 5008). Write two parts on one line.

    Bad:

        address: |
          North wing
          Third floor
          Department of Petitions
          1 Example Street
          Example District
          Example City

    Good:

        address: |
          Department of Petitions, third floor
          1 Example Street
          Example City
    """
    for recipient in recipients:
        if too_long(recipient):
            place = recipients.place(recipient, "address")
            message = f"the address has more than {MAX_ADDRESS_LINES} lines with name and office"
            yield place, message, "write two parts on one line"


@on_list("copy-of", "error")
def copy_of(recipients: Recipients, today: date) -> InList:
    """A copy needs a letter: a `cc` without any `to`, or `copy_of` with an unknown id.

    Bad:

        - id: embassy
          role: cc
          copy_of: state-counsil

    Good:

        - id: state-council
          role: to
        - id: embassy
          role: cc
          copy_of: state-council
    """
    letters = {r.id for r in recipients if r.role == "to"}
    # whoever could not be read may be the one: that is said already
    letters |= {str(entry.get("id")) for entry in recipients.unread if entry.get("role") != "cc"}
    for recipient in recipients:
        if recipient.copy_of and recipient.copy_of not in letters:
            place = recipients.place(recipient, "copy_of")
            message = f"copy_of names no recipient with role to: {recipient.copy_of}"
            yield place, message, "write the id of a recipient"
        elif recipient.role == "cc" and not letters:
            place = recipients.place(recipient, "role")
            yield place, "a copy, but nobody gets the letter", ""
