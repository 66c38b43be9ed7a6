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

from ..core.finding import Finding, Location
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


@dataclass(frozen=True)
class Senders:
    """The file, as far as it could be read."""

    signatories: tuple[Signatory, ...] = ()
    findings: tuple[Finding, ...] = ()


def read(text: str) -> Senders:
    """The senders of a file's `text`, or what is wrong with it."""
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)  # spreadsheets write what their country writes
    rows = _Rows(text, delimiter)
    columns = [name.strip().lower() for name in next(rows, (1, []))[1]]
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        return Senders((), (_no_column(missing[0], columns),))
    found: list[Signatory] = []
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        values = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        wrong = list(_wrong(values, len(cells), len(columns), seen))
        seen.setdefault(values.get("id", ""), number)
        findings += [
            Finding(FILE, rows.place(number, values.get(name, "")), "error", rule, message, hint)
            for name, rule, message, hint in wrong
        ]
        if not wrong:
            consent = date.fromisoformat(values["consent"])
            place = values.get("place", "")
            at = rows.place(number, values["consent"])
            found.append(Signatory(values["id"], values["name"], place, consent, at))
    return Senders(tuple(found), tuple(findings) + rows.broken)


def open_to_others(path: Path) -> Finding | None:
    """What is wrong where other users of this machine can read the file."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        message = "senders.csv can be read by other users of this machine"
        return Finding(FILE, Location(), "error", "senders-file", message, "chmod 600 senders.csv")
    return None


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
            yield (
                name,
                "sender",
                f"{name}: too long, or with an invisible character",
                "type it anew",
            )
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


class _Rows:
    """The file's rows, each with the line it begins in."""

    def __init__(self, text: str, delimiter: str) -> None:
        self._lines = text.splitlines()
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        self.broken: tuple[Finding, ...] = ()

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> tuple[int, list[str]]:
        begins = self._reader.line_num + 1
        try:
            return begins, next(self._reader)
        except csv.Error as error:
            message = f"not a table: {error}"
            hint = "export it anew as CSV (UTF-8)"
            finding = Finding(FILE, Location(begins), "error", "senders-file", message, hint)
            self.broken = (finding,)
            raise StopIteration from error

    def place(self, line: int, value: str) -> Location:
        """Where a value stands in a row's first line."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return Location(line, max(0, text.find(value)) + 1)


def _no_column(name: str, columns: list[str]) -> Finding:
    guess = did_you_mean(name, [column for column in columns if column not in _COLUMNS])
    hint = f"is {guess} meant?" if guess else f"the first line names them: {', '.join(_COLUMNS)}"
    return Finding(FILE, Location(), "error", "senders-file", f"there is no column {name}", hint)
