"""What the list of recipients says now, or what Twilio says of a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.lifecycle import ContactStatus, Fate
from ...core.text import show
from ..phrases import letter_name

if TYPE_CHECKING:
    from ...commands.verify import VerifyResult
    from ...commands.verify_call import CheckCallResult
    from ...commands.verify_lookup import LookupResult
    from ..console import Console


def draw(console: Console, data: VerifyResult | LookupResult | CheckCallResult) -> None:
    """What the list says now, or what Twilio says."""
    from ...commands.verify_call import CheckCallResult
    from ...commands.verify_lookup import LookupResult

    if isinstance(data, CheckCallResult):
        earlier = "An earlier call: " if data.earlier else ""
        name = (show(data.recipient), "bold")
        console.line(name, f"  {data.address}  {earlier}{data.words}.")
        return
    if isinstance(data, LookupResult):
        _looked_up(console, data)
        return
    contact = data.contact
    console.line(
        *letter_name(data.recipient, contact.channel, contact.raw_address),
        "  ",
        (ContactStatus.ACTIVE, Fate.GOES),
        f", checked {contact.last_verified} by {show(contact.verified_by or '')}"
        f" ({contact.method})",
    )
    if data.lifted:
        console.line(f"It was held: {show(data.lifted)}. It is not any more.")


def _looked_up(console: Console, data: LookupResult) -> None:
    line = data.line
    kind = "unknown kind of line" if line.kind == "unknown" else line.kind
    words = f"{'valid' if line.is_valid else 'not valid'}, {show(kind)}"
    carrier = f", {show(line.carrier)}" if line.carrier else ""
    console.line((show(data.recipient), "bold"), f"  {data.address}  {words}{carrier}")
    if data.doubt:
        console.line(("    Ask the office: ", "warning"), f"{data.doubt}.")
    console.line("    Whether a fax is behind it, only a person there knows.")
