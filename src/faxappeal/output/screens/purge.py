"""What was forgotten, and what was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.text import show
from ..phrases import count

if TYPE_CHECKING:
    from ...commands.purge import PurgeResult
    from ..console import Console


def draw(console: Console, data: PurgeResult) -> None:
    """What was forgotten."""
    console.line(
        f"{count(data.letters, 'letter')} scrubbed, {count(data.documents, 'document')} deleted."
    )
    if data.kept:
        console.line(
            f"{count(data.kept, 'letter')} kept: under way, waiting, held, an e-mail that may still"
            f" come back, or ended within {show(data.older_than)}."
        )
