"""The vocabulary of outcomes, which all accounts have in common."""

from __future__ import annotations

import re

import pytest

from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import (
    Accepted,
    Delivered,
    Failed,
    Outcome,
    ProviderReport,
    Unknown,
    classify,
    joined,
    new_reference,
)

REPORT = ProviderReport("854", "its own words")


@pytest.mark.parametrize(
    ("delivered", "in_progress", "cause", "outcome"),
    [
        (True, False, None, Delivered(REPORT)),
        (True, False, Cause.BUSY, Delivered(REPORT)),
        (False, True, None, Accepted(REPORT)),
        (False, True, Cause.BUSY, Accepted(REPORT)),
        (False, False, Cause.BUSY, Failed(Cause.BUSY, REPORT)),
        (False, False, None, Unknown(REPORT)),
    ],
    ids=[
        "a receipt",
        "a receipt beside an old cause",
        "in progress",
        "in progress after a busy line",
        "a cause that is proven",
        "ended for no reason that is known",
    ],
)
def test_a_report_has_failed_only_by_a_proven_cause(
    delivered: bool, in_progress: bool, cause: Cause | None, outcome: Outcome
) -> None:
    found = classify(REPORT, delivered=delivered, in_progress=in_progress, cause=cause)
    assert found == outcome


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ((), ""),
        ((None, "", 0), ""),
        (("FAILURE", None, 17, ""), "FAILURE 17"),
        (("one\ntwo", "three\r\n"), "one two three"),
        (("\x1b[31mred", "\u202egreen"), "[31mred green"),
    ],
    ids=["nothing", "nothing that is set", "a code", "lines", "colours and directions"],
)
def test_what_an_account_says_becomes_one_line_that_is_safe_to_show(
    values: tuple[object, ...], line: str
) -> None:
    assert joined(*values) == line


def test_a_reference_cannot_be_guessed_and_fits_into_a_name() -> None:
    references = {new_reference() for _ in range(100)}
    assert len(references) == 100
    assert all(re.fullmatch(r"fa-[0-9a-f]{32}", reference) for reference in references)
