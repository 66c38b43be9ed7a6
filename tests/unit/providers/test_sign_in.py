"""A name with its secret."""

from __future__ import annotations

from faxappeal.providers.sign_in import Login


def test_no_error_or_log_shows_the_secret() -> None:
    assert "hunter2" not in f"{Login('appeals@example.org', 'hunter2')!r}"
