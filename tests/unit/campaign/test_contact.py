"""What is known of an address, and whether it may be written to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from faxappeal.campaign.contact import hold_of, status_of
from faxappeal.core.lifecycle import ContactStatus, HoldReason
from tests.support.clock import MORNING
from tests.support.shown import contact

TODAY = MORNING.date()


@pytest.mark.parametrize(
    ("office", "own", "expected"),
    [
        (None, None, "unverified"),
        ("active", None, "active"),
        (None, "active", "active"),
        ("unverified", "active", "active"),
        ("active", "unverified", "unverified"),
        ("active", "retired", "retired"),
        ("retired", "active", "retired"),
        ("active", "opted_out", "opted_out"),
        ("opted_out", "active", "opted_out"),
        ("opted_out", "retired", "opted_out"),
        ("retired", "opted_out", "opted_out"),
    ],
)
def test_the_stricter_status_counts(office: str | None, own: str | None, expected: str) -> None:
    """The office says no, the number was once checked; and the other way round."""
    both = [ContactStatus(each) if each else None for each in (own, office)]
    assert status_of(*both) == expected


DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({}, None, id="a good contact"),
        pytest.param({"status": ContactStatus.OPTED_OUT}, HoldReason.OPTED_OUT, id="opted out"),
        pytest.param({"status": ContactStatus.RETIRED}, HoldReason.RETIRED, id="retired"),
        pytest.param({"status": ContactStatus.UNVERIFIED}, HoldReason.UNVERIFIED, id="unverified"),
        pytest.param({"last_verified": None}, HoldReason.STALE, id="checked on no day"),
        pytest.param({"last_verified": TODAY - 180 * DAYS}, None, id="checked 180 days ago"),
        pytest.param({"last_verified": TODAY - 181 * DAYS}, HoldReason.STALE, id="181 days ago"),
        pytest.param({"valid_until": TODAY}, None, id="valid until today"),
        pytest.param({"valid_until": TODAY - DAYS}, HoldReason.STALE, id="valid until yesterday"),
    ],
)
def test_why_a_contact_is_not_written_to(
    changes: dict[str, Any], reason: HoldReason | None
) -> None:
    assert hold_of(replace(contact(), **changes), MORNING) == reason


@pytest.mark.parametrize(
    ("status", "held"),
    [
        (ContactStatus.ACTIVE, None),
        (ContactStatus.UNVERIFIED, None),
        (ContactStatus.RETIRED, HoldReason.RETIRED),
        (ContactStatus.OPTED_OUT, HoldReason.OPTED_OUT),
    ],
)
def test_a_person_may_take_on_what_is_only_doubtful(
    status: ContactStatus, held: HoldReason | None
) -> None:
    doubtful = replace(contact(), status=status, last_verified=None)
    assert hold_of(doubtful, MORNING, accepted=True) == held


@pytest.mark.parametrize("standing", [HoldReason.VOICE, HoldReason.FAILING, HoldReason.CALL])
@pytest.mark.parametrize("accepted", [True, False], ids=["taken on", "not taken on"])
def test_what_the_ledger_holds_is_overridden_by_no_one(
    standing: HoldReason, accepted: bool
) -> None:
    for status in (ContactStatus.ACTIVE, ContactStatus.UNVERIFIED, ContactStatus.RETIRED):
        held = hold_of(replace(contact(), status=status), MORNING, accepted, standing)
        assert held == standing


def test_a_wish_not_to_be_written_to_is_the_strongest_reason() -> None:
    opted_out = replace(contact(), status=ContactStatus.OPTED_OUT)
    assert hold_of(opted_out, MORNING, True, HoldReason.VOICE) == HoldReason.OPTED_OUT
