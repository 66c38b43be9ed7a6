"""The result of a command, before it is printed: as words, plain text or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from .errors import ExitCode, FaxappealError
from .finding import Finding

ENVELOPE = 1  # keys are added, never renamed, without a new number

Status = Literal["ok", "partial", "error"]


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong, with a stable code for scripts."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Result:
    """The end of a command."""

    command: str
    data: Any = field(default_factory=dict)
    exit_code: ExitCode = ExitCode.OK
    errors: tuple[Problem, ...] = ()

    @property
    def status(self) -> Status:
        if self.exit_code is ExitCode.OK:
            return "ok"
        return "partial" if self.exit_code in (ExitCode.INCOMPLETE, ExitCode.UNKNOWN) else "error"

    def envelope(self) -> dict[str, Any]:
        """The JSON object of contract version 1."""
        from .json import to_data

        return {
            "faxappeal": ENVELOPE,
            "command": self.command,
            "status": self.status,
            "data": to_data(self.data),
            "errors": [asdict(problem) for problem in self.errors],
        }


def failure(command: str, error: FaxappealError) -> Result:
    """The result of a command that could not do its work."""
    return Result(command, {}, error.exit_code, (problem_of(error),))


def problem_of(error: FaxappealError) -> Problem:
    """An error as one problem of a result."""
    return Problem(error.code, error.message, error.hint)


def from_findings(findings: Sequence[Finding]) -> tuple[Problem, ...]:
    """Findings as problems of another command."""
    return tuple(
        Problem(f.rule, f"{f.path}:{f.place.line}:{f.place.column}: {f.message}", f.hint)
        for f in findings
    )
