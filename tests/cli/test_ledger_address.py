"""The address of the ledger, in the settings or in the environment, before anything is asked there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.campaigns import run, write


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://us:hunter2@db.example.org/ledger", "holds a password"),
        ("postgresql://us@db.example.org/ledger?sslmode=disable", "TLS is always on"),
        ("postgresql://us@db.example.org", "postgresql://USER@HOST/DATABASE"),
        ("postgresql://us@db.example.org:many/ledger", "postgresql://USER@HOST/DATABASE"),
        ("postgres://us@db.example.org/ledger", "postgresql://USER@HOST/DATABASE"),
        ("mysql://us@db.example.org/ledger", "postgresql://USER@HOST/DATABASE"),
        ("sqlite://", "postgresql://USER@HOST/DATABASE"),
    ],
)
def test_a_wrong_address_is_a_finding_and_shows_no_password(
    tmp_path: Path, url: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path, settings=f'\n[ledger]\nurl = "{url}"\n')
    ended = run("check", "--format", "text", folder=folder)
    assert ended.code == 1 and words in " ".join(ended.out.split())
    assert "faxappeal.toml:11:1" in ended.out and "hunter2" not in ended.out + ended.err
    (folder / "faxappeal.toml").unlink()
    monkeypatch.setenv("FAXAPPEAL_LEDGER__URL", url)
    ended = run("privacy", folder=folder)
    assert ended.code == 2 and words in " ".join(ended.err.split())
    assert "hunter2" not in ended.out + ended.err


def test_a_password_in_the_file_is_a_finding(tmp_path: Path) -> None:
    table = '\n[ledger]\nurl = "postgresql://us@db.example.org/ledger"\npassword = "hunter2"\n'
    folder = write(tmp_path, settings=table)
    ended = run("check", "--format", "text", folder=folder)
    assert ended.code == 1 and "FAXAPPEAL_LEDGER__PASSWORD" in ended.out
    assert "hunter2" not in ended.out


def test_the_extra_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAXAPPEAL_LEDGER__URL", "postgresql://us@127.0.0.1:9/ledger")
    monkeypatch.setattr("faxappeal.ledger.postgres_connection.find_spec", lambda _name: None)
    ended = run("status", folder=write(tmp_path))
    assert ended.code == 5 and "pip install 'faxappeal[workers]'" in ended.err


def test_another_program_s_variables_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLD_FAXAPPEAL_LEDGER__URL", "whatever")
    assert run("privacy", folder=tmp_path).code == 0
