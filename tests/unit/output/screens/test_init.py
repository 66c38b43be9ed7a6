"""What `init` wrote, and what to do next."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxappeal.commands.init import InitResult
from faxappeal.output.screens import init
from tests.support.shown import Lines


@pytest.mark.parametrize(
    ("folder", "command"),
    [
        (".", "    faxappeal check"),
        ("appeal", "    faxappeal -C appeal check"),
        ("an appeal", "    faxappeal -C 'an appeal' check"),
    ],
)
def test_a_new_campaign_says_what_to_type_next(lines_of: Lines, folder: str, command: str) -> None:
    lines = lines_of(init.draw, InitResult(Path(folder), ("letter.j2",), (".gitignore",), 5))
    assert lines == [
        f"Written: {Path(folder) / 'letter.j2'}",
        f"Left as it was: {Path(folder) / '.gitignore'}",
        "",
        "Fill in the 5 places marked FILL IN, then:",
        command,
    ]
