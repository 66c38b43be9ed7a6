"""A mail account's token is asked for again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from faxappeal.campaign.settings import Settings
from faxappeal.delivery.accounts import Accounts


def test_a_token_is_asked_for_again_in_a_run_that_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is over after an hour."""
    asked = tmp_path / "asked"
    script = tmp_path / "token.py"
    script.write_text(f"open({str(asked)!r}, 'a').write('x'); print('a-token')\n", encoding="utf-8")
    settings = Settings.model_validate(
        {
            "campaign": {"id": "test"},
            "sender": {
                "name": "Example",
                "email": "appeals@example.org",
                "phone": "+49 30 23125 010",
            },
            "email": {
                "account": "smtp",
                "smtp": {
                    "host": "smtp.example.org",
                    "username": "appeals@example.org",
                    "token_command": f"{sys.executable} {script}",
                },
            },
        }
    )
    accounts = Accounts(settings)
    assert accounts("smtp") is accounts("smtp") and asked.read_text(encoding="utf-8") == "x"
    monkeypatch.setattr("faxappeal.delivery.accounts._FRESH", -1.0)
    first = accounts("smtp")
    assert asked.read_text(encoding="utf-8") == "xx"
    script.write_text("raise SystemExit(1)\n", encoding="utf-8")  # a keyring that is locked
    assert accounts("smtp") is first, "what is known may still be good"
