"""The letters, and facts of their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.text import show
from ..phrases import count

if TYPE_CHECKING:
    from ...commands.preview import PreviewResult
    from ..console import Console


def draw(console: Console, data: PreviewResult) -> None:
    """The letter, and facts of its pages."""
    shown = ""
    for sheet in data.sheets:
        if sheet.text != shown:
            if shown:
                console.line("")
            shown = sheet.text
            console.lines(*map(show, sheet.text.splitlines()), "-" * 72)
        facts = [count(sheet.pages, "page"), f"{sheet.bytes:,} bytes"]
        if sheet.used is not None:
            which = "full" if sheet.pages == 1 else "of the last"
            facts[0] += f" ({sheet.used:.0%} {which})"
        console.line((f"{show(sheet.recipient)} {sheet.channel}", "bold"), f": {', '.join(facts)}")
        if sheet.seconds and sheet.slow_seconds:
            fast, slow = f"{sheet.seconds:.0f} s", f"{sheet.slow_seconds:.0f} s"
            console.line(f"    about {fast} on the line at 14,400 bit/s, {slow} at 9,600")
        console.lines(*(f"    {show(file)}" for file in sheet.files))
    if data.sheets and not data.sheets[0].files:
        console.line("To see the pages: faxappeal preview --out FOLDER")
