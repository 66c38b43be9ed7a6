"""What lies where."""

from __future__ import annotations

from faxappeal.commands.privacy import DataLocation, PrivacyResult
from faxappeal.output.screens import privacy
from tests.support.shown import Lines


def test_what_lies_where_and_how_it_goes(lines_of: Lines) -> None:
    places = (
        DataLocation("ledger", "/home/x\x1b", "numbers " * 20, "faxappeal purge"),
        DataLocation("sinch", "sinch.com", "the fax", ""),
    )
    lines = lines_of(privacy.draw, PrivacyResult(places, 2))
    assert lines[0] == "ledger  /home/x\\u001b"
    assert lines[1].startswith("    holds: numbers") and lines[2].startswith("           numbers")
    assert "    goes:  faxappeal purge" in lines
    assert lines[lines.index("sinch  sinch.com") + 1] == "    the fax"
    assert "2 letters in the ledger with number or address." in lines
    assert max(map(len, lines)) <= 80
