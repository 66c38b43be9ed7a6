"""A letter's name, a number, a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from faxappeal.output import phrases
from faxappeal.output.phrases import Part
from tests.support.clock import BERLIN, MORNING


def words(parts: Sequence[Part]) -> str:
    return "".join(part if isinstance(part, str) else part[0] for part in parts)


@pytest.mark.parametrize(
    ("signatory", "address", "name"),
    [
        pytest.param(None, "+12025550101", "one  fax  +12025550101", id="of one sender"),
        pytest.param("s-1", "+12025550101", "one from s-1  fax  +12025550101", id="of many"),
        pytest.param(None, "\x1b[2J", "one  fax  \\u001b[2J", id="raw text"),
    ],
)
def test_the_name_of_a_letter(signatory: str | None, address: str, name: str) -> None:
    assert words(phrases.letter_name("one", "fax", address, signatory)) == name


def test_a_moment_next_week_has_its_day() -> None:
    """China's offices close for up to nine days: the name of a day alone would mislead."""
    later = MORNING + timedelta(days=8)
    assert phrases.both_times(later, BERLIN, MORNING) == (
        "Wed 02 Dec 09:00 there, Wed 02 Dec 09:00 here"
    )
    soon = datetime.fromisoformat("2026-11-25T08:00+08:00")
    assert phrases.both_times(soon, None, MORNING) == "Wed 01:00 here"


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 letters"), (1, "1 letter"), (2, "2 letters")], ids=str
)
def test_a_number_with_its_noun(number: int, said: str) -> None:
    assert phrases.count(number, "letter") == said


@pytest.mark.parametrize(
    ("message", "said"),
    [("it is gone", "it is gone."), ("it is gone.", "it is gone."), ("a\nb", "a\\u000ab.")],
)
def test_a_sentence_has_one_full_stop(message: str, said: str) -> None:
    assert phrases.sentence(message) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(0), "1 min"),
        (timedelta(seconds=20), "1 min"),
        (timedelta(minutes=59, seconds=20), "59 min"),
        (timedelta(minutes=59, seconds=40), "1 h 0 min"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(days=2), "48 h 0 min"),
    ],
    ids=str,
)
def test_how_long_roughly(time: timedelta, said: str) -> None:
    assert phrases.duration(time) == said
