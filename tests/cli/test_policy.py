"""What is not done to people: their telephones, their names, their trust. The cases of policy and logs.

That a voice stops a number, that two calls are followed by an hour of peace and a week of tries is the
end, that the same letter needs --again, and that purged words are gone from the disk: see
tests/unit/delivery, test_live, test_again and test_purge.
"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import signalwire, sinch


@pytest.mark.parametrize(
    ("line", "empty"),
    [('name = "Erika Mustermann"', 'name = ""'), ('phone = "+49 30 23125 012"', 'phone = ""')],
)
def test_a_fax_without_its_senders_name_or_number_is_refused(
    tmp_path: Path, line: str, empty: str
) -> None:
    """47 CFR 68.318(d): date, time, sender and number stand on each page."""
    folder = write(tmp_path)
    toml = folder / "faxappeal.toml"
    toml.write_text(toml.read_text().replace(line, empty))
    for words in (("check",), ("send", "--yes")):
        ended = run(*words, folder=folder)
        assert ended.code == 1, ended
        assert "faxappeal.toml:" in ended.out + ended.err


SECRETS = (
    *(sinch.SECRET, signalwire.TOKEN, signalwire.PROJECT),
    *("Erika Mustermann", "shot at dawn", "Office one", "2025550101"),
)


@pytest.mark.parametrize("name", ["sinch", "signalwire"])
def test_no_log_line_of_any_library_tells_who_writes_what_to_whom(
    tmp_path: Path,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """With all loggers at their most talkative."""
    caplog.set_level(logging.DEBUG)
    clock.sleep(7 * 3600)
    letter = "---\nsubject: Please answer\n---\nThey were shot at dawn.\n"
    environment = sinch.ENVIRONMENT if name == "sinch" else signalwire.ENVIRONMENT
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    if name == "sinch":
        with sinch.sinch() as account:
            folder = write(tmp_path, letter=letter, settings=sinch.settings(account))
            ended = run("send", "--yes", folder=folder)
    else:
        with signalwire.signalwire(tmp_path / "web") as exchange:
            folder = write(tmp_path / "c", letter=letter, settings=signalwire.settings(exchange))
            ended = run("send", "--yes", folder=folder)
    assert ended.code == 0, ended
    written = caplog.text + "".join(capfd.readouterr())
    assert "shot at dawn" not in ended.out + ended.err
    assert "Erika" not in ended.out + ended.err
    for secret in SECRETS:
        assert secret not in written, secret


def test_the_log_holds_hashes_and_no_words(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, nobody: Path
) -> None:
    clock.sleep(7 * 3600)
    for variable, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    letter = "---\nsubject: Please answer\n---\nThey were shot at dawn.\n"
    with sinch.sinch() as account:
        folder = write(tmp_path, letter=letter, settings=sinch.settings(account))
        run("send", "--yes", folder=folder)
    ledger = (nobody / "data" / "faxappeal" / "ledger.db").read_bytes()
    told = run("log", folder=folder).out + run("log", "--json", folder=folder).out
    for words in ("shot at dawn", "Please answer", "Mustermann", "appeals@example.org"):
        assert words.encode() not in ledger and words not in told, words
    [document] = {e["document"] for e in run("log", "--json", folder=folder).lines} - {None}
    assert len(document) == 64
