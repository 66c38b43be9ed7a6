"""What can go wrong, and what a script and a person learn of it."""

from __future__ import annotations

import json

import pytest

from faxappeal.core.errors import ExitCode, FaxappealError, SetupError, UsageError, where


def raised(error: Exception) -> Exception:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("kind", "exit_code", "code"),
    [
        (FaxappealError, ExitCode.USAGE, "usage"),
        (UsageError, ExitCode.USAGE, "usage"),
        (SetupError, ExitCode.SETUP, "setup"),
    ],
)
def test_an_error_tells_a_script_who_can_help(
    kind: type[FaxappealError], exit_code: ExitCode, code: str
) -> None:
    error = kind("no account is chosen", "write [fax]")
    assert (error.exit_code, error.code) == (exit_code, code)
    assert (str(error), error.message, error.hint) == (
        "no account is chosen",
        "no account is chosen",
        "write [fax]",
    )
    assert kind("no account is chosen").hint == ""


def test_the_exit_codes_are_those_that_scripts_know() -> None:
    """docs/reference: a number is never given to another meaning."""
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "FINDINGS": 1,
        "USAGE": 2,
        "INCOMPLETE": 3,
        "UNKNOWN": 4,
        "SETUP": 5,
        "INTERRUPTED": 130,
    }


def test_a_mistake_is_named_by_its_place_and_without_its_words() -> None:
    named = where(raised(ValueError("paula@example.org")))
    name, _, line = named.partition(" at test_errors.py:")
    assert name == "ValueError" and line.isdecimal()


def test_the_place_of_a_mistake_is_where_it_was_made() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        _divide()
    first_line = _divide.__code__.co_firstlineno
    assert where(caught.value) == f"ZeroDivisionError at test_errors.py:{first_line + 1}"


def _divide() -> None:
    _ = 1 / 0


def test_a_mistake_in_a_library_is_named_by_the_librarys_file() -> None:
    with pytest.raises(ValueError, match="Expecting") as caught:
        json.loads("[")
    assert where(caught.value).startswith("JSONDecodeError at decoder.py:")


def test_a_mistake_that_was_never_raised_has_no_place() -> None:
    assert where(KeyError("paula@example.org")) == "KeyError"
