"""What a person settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.lifecycle import State
from ..phrases import letter_name

if TYPE_CHECKING:
    from ...commands.resolve import ResolveResult
    from ..console import Console


def draw(console: Console, data: ResolveResult) -> None:
    """What a person settled."""
    outcome = {
        State.DELIVERED: "is delivered",
        State.WAITING: "was not sent: faxappeal send sends it",
        State.FAILED: "was not sent; it was sent again since",
    }
    name = letter_name(data.recipient, data.channel, data.address)
    console.line(*name, f"  {outcome[data.state]}.")
