"""Letters without a campaign: the content of one, from its Markdown."""

from __future__ import annotations

from datetime import date
from typing import Any

from faxappeal.campaign import markdown
from faxappeal.campaign.letter import Letter
from faxappeal.documents.content import Content

DAY = date(2026, 11, 24)


def letter(
    body: str = "Please answer.",
    *,
    subject: tuple[str, ...] = ("Please answer",),
    language: str = "en",
    attachments: tuple[str, ...] = (),
    **values: Any,
) -> Content:
    """A letter to one office."""
    arguments: dict[str, Any] = {
        "address": ("Office",),
        "telefax": (),
        "date": DAY,
        "copies": (),
        "sender": ("Erika Mustermann",),
        "reach": (),
        "attachments": dict.fromkeys(attachments, b"data"),
    }
    written = Letter(subject, language, markdown.parse(body), attachments)
    return Content(written, **(arguments | values))
