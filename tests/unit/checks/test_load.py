"""A campaign that is read to be sent: which findings refuse it, and which do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxappeal.checks import load
from faxappeal.core.finding import InvalidCampaign
from tests.support.checked import GOOD, LETTER, SETTINGS, STALE, TODAY, WARNED, written
from tests.support.renderer import InProcess


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, id="good"),
        pytest.param({"recipients": WARNED}, id="a warning"),
        pytest.param({"recipients": STALE}, id="a stale contact, which is held"),
        pytest.param({"settings": ""}, id="no account"),
    ],
)
def test_a_campaign_that_is_read(tmp_path: Path, files: dict[str, str]) -> None:
    campaign = load.read(written(tmp_path, **files), TODAY, InProcess())
    assert [recipient.id for recipient in campaign.recipients] == ["one"]


@pytest.mark.parametrize(
    ("files", "rules"),
    [
        pytest.param(
            {"recipients": GOOD.replace("+12025550101", "202 555")}, {"fax-number"}, id="a number"
        ),
        pytest.param(
            {"recipients": STALE.replace("+12025550101", "202 555")},
            {"fax-number"},
            id="a number of a stale contact",
        ),
        pytest.param(
            {"letter": LETTER.replace("salutation", "office")},
            {"letter"},
            id="a hole in the letter",
        ),
        pytest.param({"letter": "no front matter"}, {"letter-front-matter"}, id="no subject"),
        pytest.param({"settings": SETTINGS + "["}, {"toml-syntax"}, id="settings that are no TOML"),
        pytest.param(
            {"recipients": GOOD.replace("Office one", "FILL IN")}, {"fill-in"}, id="not filled in"
        ),
    ],
)
def test_a_campaign_that_is_refused(tmp_path: Path, files: dict[str, str], rules: set[str]) -> None:
    with pytest.raises(InvalidCampaign) as refused:
        load.read(written(tmp_path, **files), TODAY, InProcess())
    assert {each.rule for each in refused.value.findings} == rules
