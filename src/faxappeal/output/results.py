"""How a result is shown: in words or as JSON, once or again and again, or to a CI system."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..core.clock import Clock
from ..core.result import Result
from .console import Console

if TYPE_CHECKING:
    from ..commands.check import CheckResult


def show(console: Console, result: Result) -> None:
    """A command's end."""
    if console.as_json:
        console.json(result.envelope())
        return
    if result.data:
        screen = import_module(f".screens.{result.command}", __package__)
        screen.draw(console, result.data)
    for problem in result.errors:
        console.problem(problem)


def report(checked: CheckResult, form: str) -> None:
    """What a check found, for the system that runs it."""
    from .check_formats import REPORTS, markdown

    found = (checked.findings, checked.recipients)
    sys.stdout.write(REPORTS[form](*found))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if form == "github" and summary:
        with open(summary, "a", encoding="utf-8") as file:  # noqa: PTH123  a name of GitHub's
            file.write(markdown(*found))


@contextmanager
def watching(console: Console, clock: Clock) -> Iterator[Callable[[Result], None]]:
    """A function that shows a result in the place of the one before it; where lines cannot be
    written over, only what has changed."""
    if console.is_live:
        from .progress import in_place

        with in_place(console, clock, show) as show_result:
            yield show_result
        return
    before: Any = None

    def show_changes(result: Result) -> None:
        nonlocal before
        from ..core.json import to_data

        rows = [row | {"local_time": None} for row in to_data(result.data)["deliveries"]]
        if rows != before:
            console.line(f"{clock.now():%H:%M:%S}")
            show(console, result)
            sys.stdout.flush()
        before = rows

    yield show_changes
