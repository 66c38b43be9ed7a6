"""Findings as text: one line each, `file:line:column: level rule message`."""

from __future__ import annotations

from typing import Any

from ..finding import Finding
from ..text import show


def line(finding: Finding) -> str:
    """A finding on one line, as editors and CI logs understand it."""
    place = f"{finding.path}:{finding.place.line}:{finding.place.column}"
    return show(f"{place}: {finding.level} {finding.rule} {finding.message}")


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding for JSON."""
    return {
        "path": finding.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "level": finding.level,
        "rule": finding.rule,
        "message": finding.message,
        "hint": finding.hint,
    }
