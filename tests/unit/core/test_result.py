"""The end of a command: its status, its envelope, its problems."""

from __future__ import annotations

import pytest

from faxappeal.core.errors import ExitCode, SetupError, UsageError
from faxappeal.core.finding import Finding, Location
from faxappeal.core.lifecycle import State
from faxappeal.core.result import Problem, Result, failure, from_findings, problem_of


@pytest.mark.parametrize(
    ("exit_code", "status"),
    [
        (ExitCode.OK, "ok"),
        (ExitCode.FINDINGS, "error"),
        (ExitCode.USAGE, "error"),
        (ExitCode.INCOMPLETE, "partial"),
        (ExitCode.UNKNOWN, "partial"),
        (ExitCode.SETUP, "error"),
        (ExitCode.INTERRUPTED, "error"),
    ],
    ids=lambda value: value.name if isinstance(value, ExitCode) else value,
)
def test_the_status_follows_from_the_exit_code(exit_code: ExitCode, status: str) -> None:
    assert Result("send", exit_code=exit_code).status == status


def test_the_envelope_says_what_was_done_and_what_went_wrong() -> None:
    problem = Problem("line-busy", "the line was busy", "try later")
    result = Result("send", {"state": State.WAITING}, ExitCode.INCOMPLETE, (problem,))
    assert result.envelope() == {
        "faxappeal": 1,
        "command": "send",
        "status": "partial",
        "data": {"state": "waiting"},
        "errors": [{"code": "line-busy", "message": "the line was busy", "hint": "try later"}],
    }


def test_an_envelope_of_nothing_has_all_its_keys() -> None:
    assert Result("log").envelope() == {
        "faxappeal": 1,
        "command": "log",
        "status": "ok",
        "data": {},
        "errors": [],
    }


@pytest.mark.parametrize(
    ("error", "exit_code", "problem"),
    [
        (
            UsageError("no recipients.yaml here", "faxappeal init"),
            ExitCode.USAGE,
            Problem("usage", "no recipients.yaml here", "faxappeal init"),
        ),
        (SetupError("no key"), ExitCode.SETUP, Problem("setup", "no key", "")),
    ],
    ids=["usage", "setup"],
)
def test_a_command_that_could_not_do_its_work_has_one_problem(
    error: UsageError | SetupError, exit_code: ExitCode, problem: Problem
) -> None:
    result = failure("check", error)
    assert (result.command, result.data, result.exit_code) == ("check", {}, exit_code)
    assert result.errors == (problem,) and problem_of(error) == problem
    assert result.status == "error"


def test_findings_are_problems_with_their_place() -> None:
    findings = [
        Finding("list.yaml", Location(7, 10), "error", "stale", "too old", "faxappeal verify"),
        Finding("letter.j2", Location(), "warning", "pages", "9 pages"),
    ]
    assert from_findings(findings) == (
        Problem("stale", "list.yaml:7:10: too old", "faxappeal verify"),
        Problem("pages", "letter.j2:1:1: 9 pages", ""),
    )
    assert from_findings([]) == ()
