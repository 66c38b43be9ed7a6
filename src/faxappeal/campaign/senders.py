"""senders.csv: the people who sign a letter, or each send one of their own.

Their names are personal data: the file is its owner's alone, and what the ledger keeps of one is
the hash of an opaque id.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ..core.finding import Finding, FindingList, Location
from ..core.text import did_you_mean, invisible, show

FILE = "senders.csv"
_NEEDED = ("id", "name", "consent")
_COLUMNS = (*_NEEDED, "place")
_ID = re.compile(r"[A-Za-z0-9._-]{1,60}")
DAY = "the day on which they agreed, as 2026-11-24"
_LONGEST = 200  # characters of a name or a place


@dataclass(frozen=True)
class Signatory:
    """Somebody who agreed to send the letter."""

    id: str  # opaque: it is in the ledger's hashes, and on screens
    name: str
    place: str
    consent: date  # the day on which they agreed
    consent_at: Location = field(default=Location(), compare=False)  # where that stands

    @property
    def line(self) -> str:
        """As it is printed under a letter."""
        return f"{self.name}, {self.place}" if self.place else self.name


def read(text: str) -> tuple[tuple[Signatory, ...], list[Finding]]:
    """The senders of a file's `text`, and what is wrong with the others."""
    text = text.removeprefix("\ufeff")
    findings, broken = FindingList(FILE), FindingList(FILE)
    rows = _rows(text, broken)
    columns = [name.strip().lower() for name in next(rows, (1, []))[1]]
    if missing := [name for name in _NEEDED if name not in columns]:
        others = [column for column in columns if column not in _COLUMNS]
        guess = did_you_mean(missing[0], others)
        first_line = f"the first line names them: {', '.join(_COLUMNS)}"
        hint = f"is {guess} meant?" if guess else first_line
        findings.error(Location(), "senders-file", f"there is no column {missing[0]}", hint)
        return (), findings
    found: list[Signatory] = []
    lines = text.splitlines()
    seen: dict[str, int] = {}
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        values = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        wrong = list(_wrong(values, len(cells), len(columns), seen))
        seen.setdefault(values.get("id", ""), number)
        line = lines[number - 1] if number <= len(lines) else ""
        for name, rule, message, hint in wrong:
            findings.error(_place(number, line, values.get(name, "")), rule, message, hint)
        if not wrong:
            signatory = Signatory(
                id=values["id"],
                name=values["name"],
                place=values.get("place", ""),
                consent=date.fromisoformat(values["consent"]),
                consent_at=_place(number, line, values["consent"]),
            )
            found.append(signatory)
    return tuple(found), findings + broken


def _rows(text: str, broken: FindingList) -> Iterator[tuple[int, list[str]]]:
    """The file's rows, each with the line it begins in, up to one that is `broken`."""
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)  # spreadsheets write what their country writes
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        hint = "export it anew as CSV (UTF-8)"
        broken.error(Location(begins), "senders-file", f"not a table: {error}", hint)


def _place(number: int, line: str, value: str) -> Location:
    """Where a value is in a row's first line."""
    return Location(number, max(0, line.find(value)) + 1)


def open_to_others(path: Path) -> list[Finding]:
    """What is wrong where other users of this machine can read the file."""
    findings = FindingList(FILE)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        message = "senders.csv can be read by other users of this machine"
        findings.error(Location(), "senders-file", message, "chmod 600 senders.csv")
    return findings


_Wrong = tuple[str, str, str, str]  # column, rule, message, hint


def _wrong(
    values: dict[str, str], cells: int, columns: int, seen: dict[str, int]
) -> Iterator[_Wrong]:
    if cells > columns:
        hint = "a text with the separator in it stands in quotes"
        yield "id", "sender", "more values than columns", hint
        return
    id = values.get("id", "")
    if not _ID.fullmatch(id):
        hint = "letters, digits, dots and hyphens; nothing that tells who it is"
        yield "id", "sender", f"id {show(id)}: not in the right form", hint
    elif id in seen:
        yield "id", "sender", f"the id {id} is in line {seen[id]} already", "give each their own"
    for name in ("name", "place"):
        value = values.get(name, "")
        if name == "name" and not value:
            yield "id", "sender", "name is empty", "nobody signs without a name"
        elif len(value) > _LONGEST or invisible(value):
            message = f"{name}: too long, or with an invisible character"
            yield name, "sender", message, "type it anew"
    written = values.get("consent", "")
    if not written:
        yield "id", "consent", "nobody has agreed", DAY
    elif not _is_day(written):
        yield "consent", "consent", f"consent {show(written)} is no day", DAY


def _is_day(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True
