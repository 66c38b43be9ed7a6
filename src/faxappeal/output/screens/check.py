"""The findings of `check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.text import show

if TYPE_CHECKING:
    from ...commands.check import CheckResult
    from ..console import Console


def draw(console: Console, data: CheckResult) -> None:
    """The findings."""
    from ..check_formats import line, summary

    for finding in data.findings:
        console.line((line(finding), finding.level))
        text = data.texts.get(finding.path)
        if text and console.is_live:
            from ..snippet import excerpt

            for words in excerpt(text, finding.place, console.width):
                console.line((words, "quiet"), whole=True)
        if finding.hint:
            console.line(f"    Hint: {show(finding.hint)}")
    console.line(summary(data.findings, data.recipients))
    if data.unread:
        verb = "is" if data.unread == 1 else "are"
        console.line(f"{data.unread} more {verb} not checked further: mend the errors first.")
