"""The e-mail as HTML."""

from __future__ import annotations

from pathlib import Path

from faxappeal.documents.html import as_html
from tests.support.appeal import (
    content_for,
    loaded,
)
from tests.support.campaigns import write


def test_a_name_with_html_is_text(tmp_path: Path) -> None:
    recipients = (
        "recipients:\n  - {id: a, name: '<script>alert(1)</script>', country: US,"
        " email: office@example.org, salutation: '\" onmouseover=\"alert(1)', source: test}\n"
    )
    ready = loaded(write(tmp_path, recipients))
    html = as_html(content_for(ready, "a"))
    assert "<script" not in html and 'onmouseover="' not in html
