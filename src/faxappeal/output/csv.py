"""Tables as CSV, for people who open them in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.text import show

# What a spreadsheet takes for a formula (OWASP, CSV injection), also full-width and behind spaces
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")
_UNSEEN = re.compile(r"[^\n\t]+")


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """RFC 4180, each cell quoted. A cell that a spreadsheet would work out begins with an
    apostrophe, telephone numbers too: JSON keeps them as they are."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return file.getvalue()


def _cell(value: Any) -> str:
    if value is None or isinstance(value, (int, float)):
        return "" if value is None else str(value)
    text = _UNSEEN.sub(lambda match: show(match[0]), str(value).replace("\r\n", "\n"))
    return f"'{text}" if _FORMULA.match(str(value)) else text
