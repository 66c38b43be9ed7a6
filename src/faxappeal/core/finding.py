"""What a check has to say about one place in a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Location:
    """Line and column, both counted from 1; the column in characters."""

    line: int = 1
    column: int = 1

    @classmethod
    def of(cls, text: str, index: int) -> Location:
        """Where the character with this index is in `text`."""
        return cls(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, where, and what to do."""

    path: str
    place: Location
    level: Level
    rule: str
    message: str
    hint: str = ""

    @property
    def order(self) -> tuple[str, Location, str]:
        """Sorts findings as a reader meets them in the files."""
        return (self.path, self.place, self.rule)


class FindingList(list[Finding]):
    """Findings in the order in which they were made. `error` and `warning` add one of the file
    `path`."""

    def __init__(self, path: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(findings)
        self.path = path

    def error(self, place: Location, rule: str, message: str, hint: str = "") -> None:
        """Add a finding that keeps a letter from being sent."""
        self.append(Finding(self.path, place, "error", rule, message=message, hint=hint))

    def warning(self, place: Location, rule: str, message: str, hint: str = "") -> None:
        """Add a finding that a person may have a reason for."""
        self.append(Finding(self.path, place, "warning", rule, message=message, hint=hint))


class InvalidCampaign(Exception):
    """The campaign has errors: nothing is sent from it."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("the campaign has errors")
        self.findings = findings


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those that keep a letter from being sent."""
    return [finding for finding in findings if finding.level == "error"]
