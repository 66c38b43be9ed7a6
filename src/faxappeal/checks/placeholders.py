"""Places of a new campaign that are still to be filled in: `init` marks them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..campaign.starter import MARK
from ..core.finding import Finding, Location

RULE = "fill-in"
_MARKED = re.compile(rf'{MARK}(?::\s*([^"\n]*))?')
_COMMENTED = re.compile(r"[^\"']*#")


def apply(findings: Sequence[Finding], path: str, text: str) -> Iterator[Finding]:
    """The findings of one file with its marked places. Each place is told once: whatever else is
    wrong in its line is so because of the mark."""
    found = {place.line: (place, wanted) for place, wanted in marks(text, path)}
    for finding in findings:
        if finding.path != path or finding.place.line not in found:
            yield finding
    for place, wanted in found.values():
        hint = f"write {wanted}" if wanted else "write your own words over it"
        yield Finding(path, place, "error", RULE, "this place is yours to fill in", hint)


def marks(text: str, path: str) -> Iterator[tuple[Location, str]]:
    """The places that are left to fill in, and what is wanted there; a comment is none, but in a
    letter, where # begins a heading."""
    for number, line in enumerate(text.split("\n"), 1):
        match = _MARKED.search(line)
        if match is None or (not path.endswith(".j2") and _COMMENTED.match(line[: match.start()])):
            continue
        yield Location(number, match.start() + 1), (match[1] or "").strip().rstrip(".")
