"""What was forgotten, and what was kept."""

from __future__ import annotations

from faxappeal.commands.purge import PurgeResult
from faxappeal.output.screens import purge
from tests.support.shown import Lines


def test_what_was_forgotten(lines_of: Lines) -> None:
    assert lines_of(purge.draw, PurgeResult("28d", 1, 2, 0)) == [
        "1 letter scrubbed, 2 documents deleted."
    ]


def test_what_was_kept_is_said_with_why(lines_of: Lines) -> None:
    _, kept = lines_of(purge.draw, PurgeResult("28d", 0, 0, 3))
    assert kept.startswith("3 letters kept: ") and kept.endswith("ended within 28d.")
