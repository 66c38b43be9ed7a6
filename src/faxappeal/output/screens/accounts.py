"""What each account said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.lifecycle import Fate
from ...core.text import show

if TYPE_CHECKING:
    from ...commands.accounts import AccountsResult
    from ..console import Console


def draw(console: Console, data: AccountsResult) -> None:
    """What each account said."""
    words = {True: ("ok", Fate.GOES), False: ("bad", Fate.FAILED), None: ("?", Fate.WAITS)}
    for tried in data.accounts:
        console.line((tried.account, "bold"), f"  {tried.channel}")
        for check in tried.checks:
            word, colour = words[check.ok]
            console.line("    ", (f"{word:4}", colour), f"{check.name}: {show(check.words)}")
            if check.hint:
                console.line(f"        Hint: {show(check.hint)}")
