"""Never twice, never lost, with a ledger in PostgreSQL: the tests of tests/unit/delivery once more."""

from __future__ import annotations

import pytest

from tests.support.world import world  # noqa: F401
from tests.unit.delivery.test_dispatcher import *  # noqa: F403
from tests.unit.delivery.test_pacing import *  # noqa: F403
from tests.unit.delivery.test_recovery import *  # noqa: F403

pytestmark = pytest.mark.usefixtures("shared_ledger")
