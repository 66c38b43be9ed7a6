"""An entry of recipients.yaml at the border: what is taken, and as what."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from faxappeal.campaign.recipient_keys import Entry
from faxappeal.core.lifecycle import ContactStatus, Method

GOOD: dict[str, Any] = {"id": "one", "name": "Office", "country": "US", "source": "letterhead"}


def test_a_plain_contact_is_short_for_a_mapping() -> None:
    short = Entry.model_validate(GOOD | {"fax": "+12025550101", "email": "a@example.org"})
    long = Entry.model_validate(
        GOOD | {"fax": {"number": "+12025550101"}, "email": {"address": "a@example.org"}}
    )
    assert short == long


def test_words_become_what_they_mean() -> None:
    entry = Entry.model_validate(
        GOOD | {"status": "active", "method": "call", "last_verified": "2026-11-01"}
    )
    assert (entry.status, entry.method) == (ContactStatus.ACTIVE, Method.CALL)
    assert entry.last_verified == date(2026, 11, 1)


def test_blanks_around_a_value_are_none_of_it() -> None:
    assert Entry.model_validate(GOOD | {"name": "  Office  "}).name == "Office"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("id", value) for value in ("one", "0", "state-council", "a" * 41)),
        *(("language", value) for value in ("en", "zh-Hans", "deu", "sr-Latn-RS")),
        *(("role", value) for value in ("to", "cc")),
    ],
)
def test_a_value_that_is_taken(key: str, value: str) -> None:
    assert getattr(Entry.model_validate(GOOD | {key: value}), key) == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("id", value) for value in ("", "-one", "One", "a_b", "a" * 42, "one\ntwo", "é")),
        *(("language", value) for value in ("e", "english", "en_US", "en-", "zh-H")),
        *(("country", value) for value in ("us", "USA", "U", "U1", "\uff35\uff33")),
        *(("status", value) for value in ("Active", "opted out", "")),
        *(("last_verified", value) for value in ("2026-02-30", "01.11.2026", "")),
        *(("fax", value) for value in (["+12025550101"], {}, {"number": "1", "x": "y"})),
    ],
)
def test_a_value_that_is_not_taken(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Entry.model_validate(GOOD | {key: value})
