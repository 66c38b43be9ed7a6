"""What lies where, and where it goes."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from ...core.text import show
from ..phrases import count

if TYPE_CHECKING:
    from ...commands.privacy import PrivacyResult
    from ..console import Console


def draw(console: Console, data: PrivacyResult) -> None:
    """What lies where."""
    for place in data.places:
        console.line((place.name, "bold"), f"  {show(place.where)}")
        texts = {"": place.holds}
        if place.goes:
            texts = {"holds: ": place.holds, "goes:  ": place.goes}
        for label, text in texts.items():
            indent = " " * (4 + len(label))
            lines = wrap(text, 78, initial_indent=f"    {label}", subsequent_indent=indent)
            console.lines(*lines)
    console.lines(
        "",
        f"{count(data.letters, 'letter')} in the ledger with number or address.",
        "The ledger holds no secret, no letter's text and no sender's name.",
        "What is deleted may stay on a disk for a while: encrypt the disk.",
    )
