"""When a number may ring: what send and check do with its time zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.campaigns import RECIPIENT, run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch


def campaign_with(folder: Path, number: str, zone: str | None, country: str = "US") -> Path:
    text = f"recipients:\n{RECIPIENT}".format(id="one", contact=f'fax: "{number}"')
    line = f"    timezone: {zone}\n" if zone else ""
    text = text.replace("    timezone: America/New_York\n", line)
    return write(folder, text.replace("country: US", f"country: {country}"))


def findings(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run(
        "check", "recipients.yaml", "--format", "json", folder=folder
    ).json["data"]["findings"]
    return found


def test_no_telephone_rings_at_night_whatever_the_list_says(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    """Berlin with the zone of Shanghai, at ten in the morning there."""
    folder = campaign_with(tmp_path, "+493023125012", "Asia/Shanghai", country="DE")
    toml = folder / "faxappeal.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + sinch.settings(account), encoding="utf-8")
    target = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    clock.sleep((target - clock.now()) / timedelta(seconds=1))
    sent = run("send", "--yes", folder=folder)
    assert sent.code == 1 and not account.faxes
    [finding] = findings(folder)
    assert (finding["rule"], finding["line"]) == ("time-zone", 5)
    message = finding["message"]
    assert "Asia/Shanghai" in message and "Europe/Berlin" in message
    assert "08:00" in message and "01:00" in message
    assert finding["hint"] == "remove timezone"


def test_localtime_is_the_senders_own_zone_and_refused(tmp_path: Path) -> None:
    found = findings(campaign_with(tmp_path, "+493023125012", "localtime", country="DE"))
    [message] = [each["message"] for each in found if each["rule"] == "time-zone"]
    assert "not the name of a place" in message


@pytest.mark.parametrize(
    ("number", "zone", "wrong"),
    [
        ("+18005550100", "America/Denver", None),
        ("+18005550100", "Europe/Berlin", "not in Europe/Berlin"),
        ("+18005550100", None, "several time zones"),
        ("+80012345678", "Asia/Tokyo", None),  # of no country
        ("+80012345678", None, "no time zone of its own"),
    ],
)
def test_a_number_that_may_be_in_many_places_needs_a_zone(
    tmp_path: Path, number: str, zone: str | None, wrong: str | None
) -> None:
    found = [
        f["message"]
        for f in findings(campaign_with(tmp_path, number, zone))
        if f["rule"] == "time-zone"
    ]
    assert len(found) == (wrong is not None)
    assert all(wrong in message for message in found if wrong)
