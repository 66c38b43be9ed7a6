"""Warnings that a person has looked at: `# faxappeal: ignore RULE: reason`, in the line of the
finding or alone in the one above. An error cannot be silenced: it keeps a letter from going wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..core.finding import Finding, Location
from ..core.text import show

_COMMENT = re.compile(r"#\s*faxappeal:\s*ignore\s+([a-z-]+)\s*(?::\s*(\S[^\n#}]*))?")


@dataclass
class _Ignore:
    """A comment that silences a rule."""

    line: int
    column: int
    rule: str
    reason: str | None
    alone: bool  # it stands for the next line
    is_used: bool = False

    def means(self, finding: Finding) -> bool:
        return finding.rule == self.rule and finding.place.line == self.line + self.alone


def apply(
    findings: Sequence[Finding], path: str, text: str, skipped: Collection[str] = ()
) -> Iterator[Finding]:
    """The findings of one file without the warnings that its comments silence, and what is wrong
    with those comments. Rules that were `skipped` might have found something."""
    ignores = [*_ignores(text)]
    for finding in findings:
        found = next((each for each in ignores if each.means(finding)), None)
        if found is None or finding.path != path:
            yield finding
            continue
        found.is_used = True
        if finding.level == "error" or not found.reason:
            yield finding
    for each in ignores:
        yield from _complaints(each, path, skipped)


def _complaints(ignore: _Ignore, path: str, skipped: Collection[str]) -> Iterator[Finding]:
    place = Location(ignore.line, ignore.column)
    if not ignore.reason:
        hint = f"# faxappeal: ignore {ignore.rule}: who looked at it, and why it is right"
        yield Finding(path, place, "error", "ignore", "an ignore without a reason", hint)
    elif not (ignore.is_used or ignore.rule in skipped):
        message = f"nothing here is found by {show(ignore.rule)}"
        yield Finding(path, place, "warning", "ignore", message, "delete the comment")


def _ignores(text: str) -> Iterator[_Ignore]:
    for number, line in enumerate(text.split("\n"), 1):
        if match := _COMMENT.search(line):
            alone = not line[: match.start()].strip(" {")
            reason = match[2].strip() if match[2] else None
            yield _Ignore(number, match.start() + 1, match[1], reason, alone)
