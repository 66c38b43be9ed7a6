"""What a check of a number showed."""

from __future__ import annotations

import pytest

from faxappeal.commands.verify import VerifyResult
from faxappeal.commands.verify_call import CheckCallResult
from faxappeal.commands.verify_lookup import LookupResult
from faxappeal.core.lifecycle import HoldReason
from faxappeal.output.screens import verify
from faxappeal.providers.twilio import LineType
from tests.support.shown import Lines, contact


@pytest.mark.parametrize(
    ("lifted", "more"),
    [(None, []), (HoldReason.VOICE, ["It was held: voice. It is not any more."])],
    ids=["not held", "held before"],
)
def test_a_contact_that_was_checked(
    lines_of: Lines, lifted: HoldReason | None, more: list[str]
) -> None:
    assert lines_of(verify.draw, VerifyResult("one", contact(), lifted)) == [
        "one  fax  +12025550101  active, checked 2026-11-01 by E. Mustermann (website)",
        *more,
    ]


@pytest.mark.parametrize(("earlier", "said"), [(False, ""), (True, "An earlier call: ")])
def test_a_check_call(lines_of: Lines, earlier: bool, said: str) -> None:
    data = CheckCallResult("one", "+12025550101", "fax", None, "a fax answered", earlier)
    assert lines_of(verify.draw, data) == [f"one  +12025550101  {said}a fax answered."]


@pytest.mark.parametrize(
    ("line", "said", "doubt"),
    [
        pytest.param(
            LineType(True, "landline", "Example Telecom", ""),
            "valid, landline, Example Telecom",
            [],
            id="a landline",
        ),
        pytest.param(
            LineType(True, "unknown", "", ""), "valid, unknown kind of line", [], id="unknown"
        ),
        pytest.param(
            LineType(True, "mobile", "\x1b[2J", ""),
            "valid, mobile, \\u001b[2J",
            ["    Ask the office: a mobile number: a person would answer."],
            id="a mobile",
        ),
        pytest.param(
            LineType(False, "unknown", "", ""),
            "not valid, unknown kind of line",
            ["    Ask the office: no number of its country's plan."],
            id="no number",
        ),
    ],
)
def test_a_line_that_was_looked_up(
    lines_of: Lines, line: LineType, said: str, doubt: list[str]
) -> None:
    assert lines_of(verify.draw, LookupResult("one", "+12025550101", line)) == [
        f"one  +12025550101  {said}",
        *doubt,
        "    Whether a fax is behind it, only a person there knows.",
    ]
