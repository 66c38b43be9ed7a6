"""Standard input as a command meets it: a person at a terminal, or a file that cannot be asked."""

from __future__ import annotations

import io
import sys

import pytest
import typer.testing


class Keyboard:
    """A terminal with a person who types these lines; an exception is a key that ends the wait."""

    def __init__(self, *lines: str | BaseException) -> None:
        self._lines = list(lines)

    def isatty(self) -> bool:
        return True

    def readline(self, _size: int = -1) -> str:
        if not self._lines:
            return ""  # the end of the file
        line = self._lines.pop(0)
        if isinstance(line, BaseException):
            raise line
        return f"{line}\n"

    @property
    def left(self) -> int:
        """How many lines no question has read."""
        return len(self._lines)


def at_keyboard(monkeypatch: pytest.MonkeyPatch, *lines: str | BaseException) -> Keyboard:
    """From now on a person types these lines."""
    keyboard = Keyboard(*lines)
    monkeypatch.setattr(sys, "stdin", keyboard)
    return keyboard


def without_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is a file, as under cron; a question would read a yes from it."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n" * 9))


def runner_at_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `campaigns.run` is given as `typed` comes from a terminal."""
    monkeypatch.setattr(
        typer.testing._NamedTextIOWrapper,
        "isatty",
        lambda stream: stream.name == "<stdin>",
        raising=False,
    )
