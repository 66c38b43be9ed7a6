"""`faxappeal verify`: a person has checked that a contact is still the office's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..campaign import delivery, loading, recipients
from ..campaign.contact import Channel, Contact
from ..campaign.recipients import Recipients
from ..campaign.recipients_editor import Verification, verified
from ..core import files
from ..core.errors import SetupError, UsageError
from ..core.finding import InvalidCampaign, errors
from ..core.json import Internal, key
from ..core.lifecycle import ENDED_BY, ContactStatus, HoldReason
from ..core.result import Result
from ..core.text import clean, did_you_mean, show
from ..ledger import Ledger, StillHeld
from ..ledger.location import store_of
from .environment import Environment


@dataclass(frozen=True)
class VerifyResult:
    """The contact as the file has it now."""

    recipient: str
    contact: Internal[Contact]
    lifted: HoldReason | None  # what the ledger held the address for

    channel = key(lambda found: found.contact.channel)
    address = key(lambda found: found.contact.raw_address)
    status = key(lambda found: found.contact.status)
    last_verified = key(lambda found: found.contact.last_verified, date | None)
    verified_by = key(lambda found: found.contact.verified_by, str | None)
    method = key(lambda found: found.contact.method, str | None)
    source = key(lambda found: found.contact.source)


def verify(
    environment: Environment,
    id: str,
    *,
    channel: Channel | None,
    method: str,
    source: str | None,
    by: str | None,
) -> Result:
    """Write into the campaign's list of recipients that a person has checked a contact today. A
    hold that the program put on its address, for a voice or a bounce, is lifted."""
    folder, today = environment.folder, environment.clock.now().date()
    text = loading.text_of(folder, loading.RECIPIENTS)
    listed = recipients.read(text)
    if bad := errors(list(listed.findings)):
        raise InvalidCampaign(bad)
    contact = _contact(listed, id, channel)
    settings = loading.read(folder).settings
    who = clean(by or (settings.sender.name if settings else ""))
    if not who:
        raise UsageError("nobody is named who checked it", 'add --by "E. Mustermann"')
    store = store_of(loading.ledger_section(folder))
    if ledger := store.read():
        with ledger:
            held = ledger.queries.hold(_address_key(ledger, contact))
        if held and method not in ENDED_BY.get(held, ()):
            raise _still_held(id, contact, held)
    check = Verification(today, who, method, clean(source) if source else None)
    changed = verified(text, id, contact.channel, check)
    written = _written(listed, recipients.read(changed), id, contact.channel)
    _replace(folder / loading.RECIPIENTS, changed)
    lifted = None
    if store.exists():
        with store.open() as ledger:
            key, now = _address_key(ledger, written), environment.clock.now()
            try:
                lifted = ledger.remove_hold(key, method, now, "somebody has checked the contact")
            except StillHeld as error:  # since it was looked at
                raise _still_held(id, contact, error.reason) from None
    return Result("verify", VerifyResult(id, written, lifted))


def _contact(listed: Recipients, id: str, channel: Channel | None) -> Contact:
    recipient = listed.get(id)
    if recipient is None:
        guess = did_you_mean(id, [each.id for each in listed])
        hint = f"did you mean {guess}?" if guess else "faxappeal check reads the list"
        raise UsageError(f"no recipient {show(id)} in {loading.RECIPIENTS}", hint)
    if channel is None and len(recipient.contacts) > 1:
        raise UsageError(f"{id} has a fax and an e-mail address", "add --channel fax, or email")
    chosen = [each for each in recipient.contacts if channel in (None, each.channel)]
    if not chosen:
        raise UsageError(f"{id} has no {channel}", f"it has {recipient.contacts[0].channel}")
    [contact] = chosen
    if contact.status is ContactStatus.OPTED_OUT:
        raise UsageError(
            f"{id} does not want to be written to",
            "if they have changed their mind, edit its status by hand",
        )
    return contact


def _written(before: Recipients, after: Recipients, id: str, channel: Channel) -> Contact:
    """The contact after the change; UsageError if anything but its own lines has changed."""
    recipient = after.get(id)
    contact: Contact | None = getattr(recipient, channel) if recipient else None
    if contact is not None and contact.status is ContactStatus.RETIRED:
        raise UsageError(
            f"{id} has status: retired, which holds for its fax and its e-mail address",
            "if they are in use again, change that line by hand",
        )
    others = [[each for each in listed if each.id != id] for listed in (before, after)]
    if contact is None or contact.status is not ContactStatus.ACTIVE or others[0] != others[1]:
        raise UsageError(f"{id} is written in a way that cannot be edited here", "edit it by hand")
    return contact


def _replace(path: Path, text: str) -> None:
    """The whole file or the old one, with the rights that it had."""
    if path.is_symlink():
        raise UsageError(
            f"{path.name} is a link, and nothing is written through a link",
            "verify in the folder that the list itself is in",
        )
    try:
        files.replace(path, text.encode(), path.stat().st_mode & 0o777)
    except OSError as error:
        raise SetupError(
            f"{path.name} cannot be written: {error.strerror}", "nothing was changed"
        ) from error


def _address_key(ledger: Ledger, contact: Contact) -> str:
    return delivery.keyed(ledger.key)("address", contact.channel, contact.address)


def _still_held(id: str, contact: Contact, reason: HoldReason) -> UsageError:
    if reason is HoldReason.OPTED_OUT:
        return UsageError(f"{contact.address} does not want to be written to", "respect that")
    return UsageError(
        f"a person or no fax tone answered at {contact.address}, or may have",
        f"call and ask whether it is a fax, then: faxappeal verify {id} --method call",
    )
