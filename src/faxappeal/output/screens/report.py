"""Proof of sending in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.text import show
from ..phrases import letter_name

if TYPE_CHECKING:
    from ...report.model import Report
    from ..console import Console


def draw(console: Console, data: Report) -> None:
    """Proof of sending in short, and where the whole of it is."""
    from ...report.render import clock, summary

    for sheet in data.sheets:
        console.line(
            f"{sheet.delivery}  ",
            *letter_name(sheet.recipient, sheet.channel, sheet.address),
            "  ",
            (sheet.state, sheet.state),
            f"  {clock(sheet.at)}",
        )
    console.lines(summary(data), *(f"Written: {show(file)}" for file in data.files))
    if not data.files and data.sheets:
        console.line("To keep it: faxappeal report --html FILE, or --pdf FILE; --redact to publish")
