"""Who gets the letter, by which channel, at which address, and what stands in the way. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from ..config.sections import Sender
from ..core.address import number_region, own_number
from ..core.lifecycle import ContactStatus, HoldReason
from ..core.zones import conflict, is_place, number_zones
from .contact import Channel, Contact, hold_of
from .loading import LoadedCampaign
from .recipients import Recipient


@dataclass(frozen=True)
class Delivery:
    """One letter to one address. Its identity is campaign, sender, channel and address."""

    id: str  # opaque, short enough to type
    identity: str  # keyed hash: says nothing to whoever finds the ledger
    base: str  # the identity of its first round
    round: int  # 2 and more: sent again on purpose
    sender: str  # keyed hash
    campaign: str
    recipient: Recipient
    contact: Contact
    address_key: str  # keyed hash of channel and address: holds stand by it in every campaign
    zone: ZoneInfo | None
    hold: HoldReason | None = None
    again: bool = False  # a person wants the letter sent, though it went out before
    country: str = ""  # whose holidays are kept (ISO 3166-1 alpha-2); else the recipient's
    signatory: str | None = None  # the id of the one who sends it, where many send one each
    other_sender: bool = False  # the ledger has it under another sender's identity
    accepted: bool = False  # a person has taken on a doubtful contact
    is_test: bool = False  # it goes to the sender, in place of the recipient

    @property
    def channel(self) -> Channel:
        return self.contact.channel

    @property
    def address(self) -> str:
        return self.contact.address


Keyed = Callable[..., str]


def keyed(key: bytes) -> Keyed:
    """A function that hashes texts with this installation's key (HMAC-SHA-256, hex)."""

    return lambda *parts: _digest(key, parts)


@lru_cache(1 << 16)  # a command asks for the same ones several times
def _digest(key: bytes, parts: tuple[str, ...]) -> str:
    text = json.dumps(parts, ensure_ascii=False).encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def deliveries(
    campaign: LoadedCampaign,
    digest: Keyed,
    moment: datetime,
    *,
    only: Iterable[str] = (),
    channel: Channel | None = None,
    accepted: Iterable[str] = (),
    holds: Mapping[str, HoldReason] | None = None,
    rounds: Mapping[str, int] | None = None,
    bases: Mapping[str, str] | None = None,
    again: bool = False,
    signatory: str | None = None,
) -> list[Delivery]:
    """Every letter of the campaign in the file's order, with what holds it.

    `accepted` are recipients whose doubtful contacts a person has taken on; `holds` are those of
    the ledger, by address_key, and `rounds` its latest ones, by base. `bases` are the letters that
    the ledger has of this campaign, by address_key: a corrected sender makes no new letter of
    them. Where many send one each, the campaign is as the `signatory` sends it.
    """
    wanted, taken = set(only), set(accepted)
    sender = digest("sender", campaign.settings.sender.identity)
    found = []
    for recipient in campaign.recipients:
        if wanted and recipient.id not in wanted:
            continue
        for contact in recipient.contacts:
            if channel and contact.channel != channel:
                continue
            target = (contact.channel, contact.address)
            own = digest("delivery", campaign.settings.campaign.id, sender, *target)
            address_key = digest("address", *target)
            base = own if own in (rounds or {}) else (bases or {}).get(address_key, own)
            turn = rounds.get(base, 1) if rounds else 1
            identity = base if turn == 1 else digest("round", base, str(turn))
            standing = (holds or {}).get(address_key)
            found.append(
                Delivery(
                    id=identity[:12],
                    identity=identity,
                    base=base,
                    round=turn,
                    sender=sender,
                    campaign=campaign.settings.campaign.id,
                    recipient=recipient,
                    contact=contact,
                    address_key=address_key,
                    zone=zone_of(recipient, moment.date()),
                    hold=hold_of(contact, moment, recipient.id in taken, standing),
                    again=again,
                    signatory=signatory,
                    other_sender=base != own,
                    accepted=recipient.id in taken,
                )
            )
    return found


def test_deliveries(
    letters: Iterable[Delivery],
    sender: Sender,
    digest: Keyed,
    moment: datetime,
    *,
    holds: Mapping[str, HoldReason],
    rounds: Mapping[str, int],
    over: Container[str],
    again: bool = False,
) -> list[Delivery]:
    """The same letters, each to the sender's own fax or mailbox, with an identity of its own.

    `rounds` are the latest ones by base. A test goes on until all of its letters are `over`. Then,
    or with `again`, a new one begins. AddressError where the sender's fax number is not valid.
    """
    found = []
    own = [(letter, *_own(letter.channel, sender, moment.date())) for letter in letters]
    bases = [digest("rehearsal", letter.base, address) for letter, _, address, _ in own]
    begins = again or all(base in over for base in bases)
    for base, (letter, raw_address, address, zones) in zip(bases, own, strict=True):
        turn = rounds.get(base, 1) + (begins and base in over)
        identity = digest("round", base, str(turn))
        key = digest("address", letter.channel, address)
        found.append(
            replace(
                letter,
                id=identity[:12],
                identity=identity,
                base=base,
                round=turn,
                contact=replace(
                    letter.contact,
                    raw_address=raw_address,
                    address=address,
                    status=ContactStatus.ACTIVE,
                ),
                address_key=key,
                zone=ZoneInfo(zones[0]) if len(zones) == 1 else None,
                hold=holds.get(key),
                again=True,
                is_test=True,
                country=number_region(address) or "" if letter.channel == "fax" else "",
            )
        )
    return found


def _own(channel: Channel, sender: Sender, day: date) -> tuple[str, str, tuple[str, ...]]:
    """Where the sender gets a test letter: as written, as it is dialled, and its time zones."""
    if channel == "email":
        return sender.email, sender.email, ()
    address = own_number(sender.fax or "")
    return sender.fax or "", address, number_zones(address, day)


def zone_of(recipient: Recipient, day: date) -> ZoneInfo | None:
    """The recipient's time zone: the file's, unless the number contradicts it; else the number's,
    where that leaves no doubt."""
    zones = number_zones(recipient.fax.address, day) if recipient.fax else ()
    given = recipient.timezone
    if given is None:
        return ZoneInfo(zones[0]) if len(zones) == 1 else None
    return ZoneInfo(given) if is_place(given) and not conflict(given, zones, day) else None
