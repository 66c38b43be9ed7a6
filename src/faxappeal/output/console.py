"""The screen: results as words for people, or as JSON for scripts. The only module that prints.

Whatever came from a file, a provider or a server is shown escaped. The layout is the same with and
without colour, in 80 columns and for a screen reader: lines, no boxes.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from ..core import streams
from ..core.lifecycle import Fate
from ..core.result import Problem
from ..core.text import show, visible_json
from .phrases import Part, sentence

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.text import Text

_COLOURS = {
    "error": "red",
    "warning": "yellow",
    Fate.HELD: "yellow",
    Fate.WAITS: "cyan",
    Fate.GOES: "green",
    Fate.SENT: "green",
    Fate.FAILED: "red",
    Fate.UNKNOWN: "magenta",
    Fate.IN_PROGRESS: "cyan",
    "quiet": "dim",
}


class Console:
    """Where a command's result goes."""

    def __init__(self, *, as_json: bool = False, plain: bool = False) -> None:
        self.as_json, self.plain = as_json, plain
        self._consoles: dict[bool, RichConsole] = {}
        self._captured: list[Text] | None = None  # lines that are not to be printed yet

    def line(self, *parts: Part, error: bool = False, whole: bool = False) -> None:
        """One line; a part is text, or text with the word that gives its colour. On a terminal a
        long one goes on below, between two words; one that is to be copied stays `whole`."""
        file = sys.stderr if error else sys.stdout
        if self._is_plain(file):
            words = "".join(part if isinstance(part, str) else part[0] for part in parts)
            fits = whole or not file.isatty()
            file.write("\n".join([words] if fits else below(words)) + "\n")
            return
        text = coloured(parts)
        lines = [text] if whole else fitted(text, self.rich(error))
        if self._captured is not None and not error:
            self._captured += lines
            return
        for each in lines:
            self.rich(error).print(each)

    def lines(self, *lines: str) -> None:
        """Several lines of text."""
        for words in lines:
            self.line(words)

    @property
    def is_live(self) -> bool:
        """Whether lines may be written over: someone looks at a terminal."""
        return not self.as_json and not self._is_plain(sys.stdout)

    @property
    def width(self) -> int:
        """Cells in a line of the terminal."""
        return self.rich(False).width

    def _is_plain(self, file: IO[str]) -> bool:
        """Not a terminal, or a screen reader: no colour, and no need to load Rich."""
        dumb = os.environ.get("TERM") == "dumb" or "NO_COLOR" in os.environ
        return self.plain or dumb or not file.isatty()

    def rich(self, error: bool) -> RichConsole:
        if error not in self._consoles:
            from rich.console import Console as RichConsole

            self._consoles[error] = RichConsole(
                stderr=error, markup=False, emoji=False, highlight=False, soft_wrap=True
            )
        return self._consoles[error]

    def capture(self, show: Callable[[], None]) -> list[Text]:
        """The lines that `show` prints, not yet on the screen."""
        self._captured = []
        try:
            show()
            return self._captured
        finally:
            self._captured = None

    def sign_in(self, address: str, code: str) -> None:
        """What to do in a browser, on whatever machine; standard output is for the result."""
        self.line(f"Open {show(address)} and type ", (show(code), "bold"), error=True)
        self.line("Then wait here.", error=True)

    def problem(self, problem: Problem) -> None:
        """One sentence, then what to do."""
        with suppress(OSError):  # it may be the problem
            streams.flush(sys.stdout)
        self.line(("Error: ", "error"), sentence(problem.message), error=True)
        if problem.hint:
            self.line(("Hint: ", "bold"), show(problem.hint), error=True)

    def json(self, data: Any) -> None:
        """One JSON object on one line or, for people who look, on several."""
        sys.stdout.write(visible_json(json.dumps(data, ensure_ascii=False, indent=2)) + "\n")

    def csv(self, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """A table for a spreadsheet."""
        from .csv import as_csv

        sys.stdout.write(as_csv(columns, rows))

    def json_line(self, data: Any) -> None:
        """One object of JSON Lines."""
        sys.stdout.write(visible_json(json.dumps(data, ensure_ascii=False)) + "\n")

    def event(self, data: Mapping[str, Any]) -> None:
        """A line of JSON for a log, at once."""
        self.json_line(data)
        sys.stdout.flush()


def coloured(parts: tuple[Part, ...]) -> Text:
    """A line for a terminal."""
    from rich.text import Text

    text = Text()
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        text.append(words, _COLOURS.get(style, style))
    return text


def below(words: str) -> list[str]:
    """As `fitted`, without Rich: for a terminal on which nothing is coloured."""
    from shutil import get_terminal_size
    from textwrap import wrap

    width, rest = get_terminal_size().columns, words.lstrip(" ")
    if len(words) <= width:
        return [words]
    indent = " " * (len(words) - len(rest))
    room = max(20, width - len(indent))
    lines = wrap(rest, room, replace_whitespace=False, break_on_hyphens=False)
    return [indent + line for line in lines]


def fitted(text: Text, console: RichConsole) -> list[Text]:
    """A line in lines of the terminal's width, those behind the first as far in as it begins."""
    if text.cell_len <= console.width:
        return [text]
    indent = len(text.plain) - len(text.plain.lstrip())
    room = max(20, console.width - indent)
    lines = text[indent:].wrap(console, room, overflow="fold")
    for each in lines:
        each.rstrip()
        each.pad_left(indent)
    return [*lines]
