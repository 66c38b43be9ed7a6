"""What each account said."""

from __future__ import annotations

from faxappeal.commands.accounts import AccountsResult, Tried
from faxappeal.output.screens import accounts
from faxappeal.providers.base import Probe
from tests.support.shown import Lines


def test_what_each_account_said(lines_of: Lines) -> None:
    checks = (
        Probe("credentials", True, "accepted"),
        Probe("balance", False, "0.00 USD\x1b", "fill it up"),
        Probe("sender", None, "not known before a letter is sent"),
    )
    assert lines_of(accounts.draw, AccountsResult((Tried("fax", "sinch", checks),))) == [
        "sinch  fax",
        "    ok  credentials: accepted",
        "    bad balance: 0.00 USD\\u001b",
        "        Hint: fill it up",
        "    ?   sender: not known before a letter is sent",
    ]
