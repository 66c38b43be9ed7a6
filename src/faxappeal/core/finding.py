"""What a check has to say about one place in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Location:
    """Line and column, both counted from 1; the column in characters."""

    line: int = 1
    column: int = 1


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


class InvalidCampaign(Exception):
    """The campaign has errors: nothing is sent from it."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("the campaign has errors")
        self.findings = findings


def errors(findings: list[Finding]) -> list[Finding]:
    """Those that keep a letter from being sent."""
    return [finding for finding in findings if finding.level == "error"]
