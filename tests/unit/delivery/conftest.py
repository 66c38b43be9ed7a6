"""A ledger in a file, and a campaign whose account does as a test says."""

from tests.support.world import ledger as ledger
from tests.support.world import world as world
