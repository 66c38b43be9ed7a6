"""Places of a new campaign that are still to be filled in: `init` marks them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..campaign.starter import MARK
from ..core.finding import Finding, FindingList, Location

RULE = "fill-in"
_MARKED = re.compile(rf'{MARK}(?::\s*([^"\n]*))?')
_COMMENTED = re.compile(r"[^\"']*#")


def apply(findings: Iterable[Finding], path: str, text: str) -> FindingList:
    """The findings of one file with its marked places. Each place is told once: whatever else is
    wrong in its line is so because of the mark."""
    found = {place.line: (place, wanted) for place, wanted in marks(text, path)}
    kept = FindingList(path)
    kept += (each for each in findings if each.path != path or each.place.line not in found)
    for place, wanted in found.values():
        hint = f"write {wanted}" if wanted else "write your own words over it"
        kept.error(place, RULE, "this place is yours to fill in", hint)
    return kept


def marks(text: str, path: str) -> Iterator[tuple[Location, str]]:
    """The places that are left to fill in, and what is wanted there; a comment is none, but in a
    letter, where # begins a heading."""
    for number, line in enumerate(text.split("\n"), 1):
        match = _MARKED.search(line)
        if match is None or (not path.endswith(".j2") and _COMMENTED.match(line[: match.start()])):
            continue
        yield Location(number, match.start() + 1), (match[1] or "").strip().rstrip(".")
