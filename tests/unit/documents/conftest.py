"""The sample campaign, and the fax of its letter."""

from __future__ import annotations

import pytest

from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents.fax import raster
from tests.support.appeal import appeal as sample_campaign
from tests.support.appeal import sample_fax


@pytest.fixture
def appeal() -> LoadedCampaign:
    return sample_campaign()


@pytest.fixture
def sheet() -> raster.Fax:
    return sample_fax()
