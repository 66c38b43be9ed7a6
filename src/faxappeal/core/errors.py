"""What can go wrong, sorted by what the user should do, and the exit codes of the program."""

from __future__ import annotations

import traceback
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """What a script learns from the program. Where several hold: 130, then 5, 4, 3."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3
    UNKNOWN = 4
    SETUP = 5
    INTERRUPTED = 130


class FaxappealError(Exception):
    """One sentence for a person, and what to type next. Never holds a secret or a letter's text."""

    exit_code = ExitCode.USAGE
    code = "usage"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(FaxappealError):
    """The command was called wrongly, or in the wrong place."""


class SetupError(FaxappealError):
    """An account, a secret or the machine is not ready."""

    exit_code = ExitCode.SETUP
    code = "setup"


def where(error: BaseException) -> str:
    """A mistake's kind and place, without a value that might be somebody's."""
    name = type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    return f"{name} at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else name
