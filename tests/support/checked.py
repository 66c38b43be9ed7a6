"""A good list and a good campaign, to be broken in one place, and what is found in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from faxappeal import checks
from faxappeal.campaign import loading, recipients
from faxappeal.checks import registry
from faxappeal.core.finding import Finding
from tests.support.appeal import loaded
from tests.support.campaigns import RECIPIENT, ROOT, write
from tests.support.renderer import InProcess

TODAY = date(2026, 11, 24)
# each bad one has its case, a rule, a line and a column in its name
CASES = ROOT / "tests" / "unit" / "checks" / "lists"

GOOD = "recipients:\n" + RECIPIENT.format(id="one", contact='fax: "+12025550101"')
STALE = GOOD.replace("2026-11-01", "2026-05-27")  # an error
WARNED = GOOD.replace("+12025550101", "+14165550101")  # a number of another country

LETTER = "---\nsubject: Please answer\n---\n{{ to.salutation }},\n\nplease answer.\n"
SETTINGS = """
[fax]
account = "hylafax"
[fax.hylafax]
[pacing]
hours = "08:00-20:00"
give_up_after = "7d"
"""


def text_of(path: Path) -> str:
    """A file's text with its own line ends."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def one(contact: str = 'fax: "+12025550101"', *more: str) -> str:
    """A good list of one recipient with this contact and these lines more."""
    entry = RECIPIENT.format(id="one", contact=contact)
    return "recipients:\n" + entry + "".join(f"    {line}\n" for line in more)


def findings_of(text: str, *, online: bool = False) -> list[Finding]:
    """What is found in a list that stands alone."""
    return checks.check_list(recipients.read(text), text, TODAY, online=online)


def findings_in(folder: Path) -> list[Finding]:
    """What is found in the campaign of a folder."""
    return checks.check(loading.read(folder, InProcess()), TODAY)


def written(
    folder: Path, recipients: str | None = None, letter: str = LETTER, settings: str = SETTINGS
) -> Path:
    """A good campaign, or one with other files."""
    return write(folder, GOOD if recipients is None else recipients, letter, settings)


def found_by(rule: str, text: str, today: date = TODAY) -> list[Finding]:
    """What one rule alone says of a list."""
    return list(registry.LIST_RULES[rule].check(recipients.read(text), today))


def found_in(rule: str, folder: Path, today: date = TODAY) -> list[Finding]:
    """What one rule alone says of the campaign in a folder."""
    return list(registry.CAMPAIGN_RULES[rule].check(loaded(folder), today))
