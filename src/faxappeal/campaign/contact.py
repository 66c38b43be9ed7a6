"""A contact: an address with what is known of it, and whether it may be written to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from ..core.lifecycle import ContactStatus, HoldReason, Method

Channel = Literal["fax", "email"]
CHANNELS: tuple[Channel, ...] = ("fax", "email")
STALE_AFTER = timedelta(days=180)  # numbers change hands; half a year is what we trust
# a wish not to be written to holds wherever it is written
_STRICTEST = (ContactStatus.OPTED_OUT, ContactStatus.RETIRED)


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


def status_of(own: ContactStatus | None, recipient: ContactStatus | None) -> ContactStatus:
    """A contact's status, from its own and its recipient's: the stricter one counts."""
    strict = next((status for status in _STRICTEST if status in (own, recipient)), None)
    return strict or own or recipient or ContactStatus.UNVERIFIED


def hold_of(
    contact: Contact,
    moment: datetime,
    accepted: bool = False,
    standing: HoldReason | None = None,
) -> HoldReason | None:
    """Why a contact is not written to, the strongest reason first.

    A person may take on what is only doubtful (unverified, stale); nothing overrides a wish not to
    be written to, a voice on the line, or an address that failed.
    """
    if contact.status is ContactStatus.OPTED_OUT:
        return HoldReason.OPTED_OUT
    if standing:
        return standing
    if contact.status is ContactStatus.RETIRED:
        return HoldReason.RETIRED
    if accepted:
        return None
    if contact.status is ContactStatus.UNVERIFIED:
        return HoldReason.UNVERIFIED
    today = moment.date()
    if contact.last_verified is None or today - contact.last_verified > STALE_AFTER:
        return HoldReason.STALE
    if contact.valid_until and today > contact.valid_until:
        return HoldReason.STALE
    return None
