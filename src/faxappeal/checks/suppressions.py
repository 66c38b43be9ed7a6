"""Warnings that a person has looked at: `# faxappeal: ignore RULE: reason`, in the line of the
finding or alone in the one above. An error cannot be silenced: it keeps a letter from going wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ..core.finding import Finding, FindingList, Location
from ..core.text import show

_COMMENT = re.compile(r"#\s*faxappeal:\s*ignore\s+([a-z-]+)\s*(?::\s*(\S[^\n#}]*))?")


@dataclass
class _Ignore:
    """A comment that silences a rule."""

    place: Location
    rule: str
    reason: str | None
    alone: bool  # it stands for the next line
    is_used: bool = False

    def means(self, finding: Finding) -> bool:
        return finding.rule == self.rule and finding.place.line == self.place.line + self.alone


def apply(
    findings: Iterable[Finding], path: str, text: str, skipped: Collection[str]
) -> FindingList:
    """The findings of one file without the warnings that its comments silence, and what is wrong
    with those comments. Rules that were `skipped` might have found something."""
    ignores = [*_ignores(text)]
    kept = FindingList(path)
    for finding in findings:
        found = next((each for each in ignores if each.means(finding)), None)
        if found is None or finding.path != path:
            kept.append(finding)
            continue
        found.is_used = True
        if finding.level == "error" or not found.reason:
            kept.append(finding)
    for each in ignores:
        if not each.reason:
            hint = f"# faxappeal: ignore {each.rule}: who looked at it, and why it is right"
            kept.error(each.place, "ignore", "an ignore without a reason", hint)
        elif not (each.is_used or each.rule in skipped):
            message = f"nothing here is found by {show(each.rule)}"
            kept.warning(each.place, "ignore", message, "delete the comment")
    return kept


def _ignores(text: str) -> Iterator[_Ignore]:
    for number, line in enumerate(text.split("\n"), 1):
        if match := _COMMENT.search(line):
            alone = not line[: match.start()].strip(" {")
            reason = match[2].strip() if match[2] else None
            yield _Ignore(Location(number, match.start() + 1), match[1], reason, alone)
