"""JSON from the types themselves: which fields are keys, and how a value is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from faxappeal.core.json import Internal, Key, Moment, from_data, key, to_data
from faxappeal.core.lifecycle import State


class Provider:
    """A type that JSON does not know."""


@dataclass(frozen=True)
class Office:
    name: str
    state: State = State.PLANNED
    since: Annotated[Moment | None, Key("since_when")] = None
    provider: Internal[Provider | None] = None
    pages: tuple[int, ...] = ()

    length = key(lambda self: len(self.name), int)
    initial = key(lambda self: self.name[0], name="first_letter")


def test_the_fields_of_a_type_are_the_keys() -> None:
    assert to_data(Office("Berlin", State.SUBMITTING, pages=(1, 2))) == {
        "name": "Berlin",
        "state": "submitting",
        "since_when": None,
        "pages": [1, 2],
        "length": 6,
        "first_letter": "B",
    }


def test_what_is_internal_is_not_shown() -> None:
    assert "provider" not in to_data(Office("Berlin", provider=Provider()))


def test_a_computed_key_is_a_property_as_well() -> None:
    office = Office("Berlin")
    assert (office.length, office.initial) == (6, "B")


@pytest.mark.parametrize(
    ("office", "shown"),
    [
        (Office("Berlin"), {"name"}),
        (Office("Berlin", State.FAILED), {"name", "state"}),
        (Office("Berlin", State.PLANNED, pages=(1,)), {"name", "pages"}),
    ],
)
def test_a_sparse_object_leaves_out_what_has_its_default(office: Office, shown: set[str]) -> None:
    assert set(to_data(office, sparse=True)) - {"length", "first_letter"} == shown


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        pytest.param(UTC, "2026-11-24T09:00:00+00:00", id="zero is in digits"),
        pytest.param(timezone(timedelta(hours=1)), "2026-11-24T09:00:00+01:00", id="Berlin"),
    ],
)
def test_a_moment_has_its_distance_from_utc_in_digits(zone: timezone, written: str) -> None:
    moment = datetime(2026, 11, 24, 9, tzinfo=zone)
    assert to_data(Office("Berlin", since=moment))["since_when"] == written


@pytest.mark.parametrize(
    ("value", "data"),
    [
        pytest.param({"a": (1, 2)}, {"a": [1, 2]}, id="tuple"),
        pytest.param([State.HELD], ["held"], id="a word of the lifecycle"),
        pytest.param(date(2026, 11, 24), "2026-11-24", id="date"),
        pytest.param({"file": Path("letter.j2")}, {"file": "letter.j2"}, id="path"),
        pytest.param(None, None, id="nothing"),
        pytest.param({}, {}, id="empty"),
    ],
)
def test_a_value_is_as_json_has_it(value: Any, data: object) -> None:
    assert to_data(value) == data


def test_a_value_is_read_back_as_its_type() -> None:
    read = from_data(Office, {"name": "Berlin", "state": "failed", "pages": [1]})
    assert read == Office("Berlin", State.FAILED, pages=(1,))


@pytest.mark.parametrize(
    ("data", "place"),
    [
        pytest.param({}, ("name",), id="missing"),
        pytest.param({"name": 1}, ("name",), id="another type"),
        pytest.param({"name": "x", "state": "lost"}, ("state",), id="a word that is none"),
        pytest.param("Berlin", (), id="no object"),
    ],
)
def test_data_that_does_not_fit_is_refused_at_its_place(
    data: object, place: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        from_data(Office, data)
    assert [error["loc"] for error in refused.value.errors()] == [place]
