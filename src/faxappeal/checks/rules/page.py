"""Rules on the page: set only where there is a doubt, for setting takes longer than all else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from ...campaign.letter import FILE as LETTER
from ...campaign.letter import LetterError
from ...campaign.loading import LoadedCampaign
from ...campaign.recipients import Recipient
from ...campaign.settings import FILE as SETTINGS
from ...campaign.settings import place_of
from ...core.errors import FaxappealError, SetupError
from ...core.finding import Location
from ...documents.content import Content, build
from ..registry import InCampaign, on_campaign
from .campaign import kinds

# Latin, Greek, Cyrillic, punctuation, currencies, letter-like: in the fonts of every installation
_UNUSUAL = re.compile(r"[^\u0000-\u052f\u1e00-\u206f\u20a0-\u20bf\u2100-\u214f]")
_LINE = 90  # letters in a line of the page
_SURELY_SHORT = 100  # lines: two pages at most, whatever stands round them
_MANY_PAGES = 3


@on_campaign("glyph", "error")
def glyph(campaign: LoadedCampaign, today: date) -> InCampaign:
    """The letter has a character that no font of this installation can show.

    It would be an empty box on the page. For many alphabets there is an extra to install, and a
    font of your own can be named in the settings.

    Bad:

        Dear colleagues \N{BLACK TELEPHONE},

    Good:

        Dear colleagues,
    """
    reported = set()
    for recipient, content in _contents(campaign, today):
        if _UNUSUAL.search(_text(content)):
            try:
                _set(campaign, content, today)
            except SetupError as error:  # a font of one's own that is none
                text = campaign.texts[SETTINGS]
                yield SETTINGS, place_of(text, ("fax", "fonts")), error.message, error.hint
                return
            except FaxappealError as error:
                place = _place(campaign, getattr(error, "character", ""))
                message = error.message if place else f"{error.message} (for {recipient.id})"
                if message not in reported:
                    reported.add(message)
                    yield LETTER, place or Location(), message, error.hint


def _place(campaign: LoadedCampaign, character: str) -> Location | None:
    """Where the letter has a character; it may come from a name instead."""
    text = campaign.texts[LETTER]
    at = text.find(character) if character else -1
    return Location.of(text, at) if at >= 0 else None


@on_campaign("pages", "warning")
def pages(campaign: LoadedCampaign, today: date) -> InCampaign:
    """The letter has more than three pages.

    Each page is about half a minute on the line and is paid for, a machine may run out of paper,
    and a desk hardly reads on.

    Bad:

        Page 1 of 5

    Good:

        Page 1 of 1, and where the whole report can be read
    """
    for recipient, content in _contents(campaign, today):
        if sum(1 + len(line) // _LINE for line in _text(content).splitlines()) <= _SURELY_SHORT:
            continue
        try:
            count = _set(campaign, content, today)
        except FaxappealError:
            continue  # the rule above says so
        if count > _MANY_PAGES:
            message = f"the letter has {count} pages (for {recipient.id})"
            yield LETTER, Location(), message, "say it on one page, and offer the rest"


def _contents(campaign: LoadedCampaign, today: date) -> Iterator[tuple[Recipient, Content]]:
    """The letter for each kind of recipient; without those that cannot be written."""
    for recipient in kinds(campaign.recipients):
        try:
            yield recipient, build(campaign, recipient, today)
        except LetterError:
            continue


def _set(campaign: LoadedCampaign, content: Content, today: date) -> int:
    """How many pages it takes; PageError where it cannot be set."""
    from ...campaign.delivery import keyed
    from ...documents.page import page_count
    from ...documents.renderer import Letters

    return page_count(Letters(campaign, today, keyed(b"")).pdf(content))


def _text(content: Content) -> str:
    from ...documents.plaintext import as_text

    return as_text(content)
