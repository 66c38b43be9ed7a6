"""What `init` wrote, and what to do next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ...core.text import show
from ..phrases import count

if TYPE_CHECKING:
    from ...commands.init import InitResult
    from ..console import Console


def draw(console: Console, data: InitResult) -> None:
    """What was written, and what to do next."""
    console.lines(*(f"Written: {show(str(data.folder / name))}" for name in data.files))
    console.lines(*(f"Left as it was: {show(str(data.folder / name))}" for name in data.kept))
    option = "" if str(data.folder) == "." else f" -C {shlex.quote(str(data.folder))}"
    marks = count(data.marks, "place")
    console.lines("", f"Fill in the {marks} marked FILL IN, then:", f"    faxappeal{option} check")
