"""A campaign of one fax, and an account that does as a test says."""

from tests.support.commands import around as around
