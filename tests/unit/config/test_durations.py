"""Lengths of time as settings have them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from faxappeal.config.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        (" 5 m ", timedelta(minutes=5)),
        ("0s", timedelta()),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        "five minutes",
        "5",
        "m",
        "",
        "5 minutes",
        "5M",
        "1.5h",
        "-5m",
        "5m30s",
        "1000000s",
        "\u0665m",
    ],
)
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="5m, 2h or 7d"):
        parse_duration(text)
