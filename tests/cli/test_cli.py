"""The program as people and scripts meet it: words, exit codes, JSON, hints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.campaigns import ROOT, run, write
from tests.support.clock import FakeClock

pytestmark = pytest.mark.usefixtures("clock")


def test_the_sample_passes_its_check() -> None:
    ended = run("check", "--strict", folder=ROOT)
    assert ended.code == 0, ended
    assert ended.out == "3 recipients checked: 0 errors, 0 warnings.\n"


def test_findings_are_one_line_each_and_exit_with_1(tmp_path: Path) -> None:
    folder = write(tmp_path, ["one 030123", "two +12025550101"])
    ended = run("check", folder=folder)
    assert ended.code == 1
    _, _, first, hint, *_ = ended.out.splitlines()
    assert first.startswith("recipients.yaml:7:10: error fax-number ")
    assert hint.strip().startswith("Hint: ")


def test_findings_as_json(tmp_path: Path) -> None:
    ended = run("check", "--json", folder=write(tmp_path, ["one 030123"]))
    data = ended.json
    assert (data["faxappeal"], data["command"], data["status"]) == (1, "check", "error")
    [finding] = data["data"]["findings"]
    assert set(finding) == {"path", "line", "column", "level", "rule", "message", "hint"}
    assert run("check", "--format", "json", folder=tmp_path).json == data


@pytest.mark.parametrize(
    ("recipients", "rule"),
    [
        (["one +12025550101", "two +1-202-555-0101"], "duplicate-address"),
        (["one +493023125012"], "number-country"),
    ],
)
def test_rules_look_across_the_file(tmp_path: Path, recipients: list[str], rule: str) -> None:
    ended = run("check", "--strict", "--json", folder=write(tmp_path, recipients))
    assert ended.code == 1
    assert rule in {finding["rule"] for finding in ended.json["data"]["findings"]}


def test_a_letter_that_one_recipient_cannot_get(tmp_path: Path) -> None:
    folder = write(tmp_path, settings='\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n')
    assert run("check", "--strict", folder=folder).code == 0
    path = folder / "recipients.yaml"
    path.write_text(path.read_text().replace("    salutation: Dear Madam or Sir\n", ""))
    ended = run("check", "--json", folder=folder)
    assert {finding["rule"] for finding in ended.json["data"]["findings"]} == {"letter"}
    assert ended.code == 1


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ("\n[fax]\nacount = 1\n", "unknown-key"),
        ('\n[email.smtp]\nhost = "x"\npassword = "hunter2"\n', "secret-in-file"),
        ('\n[email.smtp]\nhost = "mail.example.org"\nsecurity = "none"\n', "bad-value"),
        ('\n[pacing]\nhours = "8-20"\n', "bad-value"),
        ("\n[fax\n", "toml-syntax"),
        ('\n[fax]\naccount = "sinch"\n', "account"),
        (
            '\n[fax.sinch]\nproject_id = "a"\nkey_id = "b"\nurl = "http://evil.example"\n',
            "bad-value",
        ),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, settings: str, rule: str) -> None:
    ended = run("check", "--json", folder=write(tmp_path, settings=settings))
    findings = ended.json["data"]["findings"]
    assert rule in {finding["rule"] for finding in findings}
    assert "hunter2" not in ended.out
    assert all(
        finding["path"] == "faxappeal.toml" for finding in findings if finding["rule"] == rule
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('\n[fax]\naccount = "twilio"\n', 'account = "signalwire"'),
        ('\n[fax.twilio]\naccount_sid = "AC1"\n', 'account = "signalwire"'),
        (f'\n[fax.signalwire]\nproject_id = "AC{"0" * 32}"\n', "this is Twilio's account"),
        ("\n[pacing]\n\n[pacing]\n", ":12:8: the table [pacing] is here already"),
        ("\n[pacing]\nattempts = 1\nattempts = 1\n", ":12:13: this key has a value already"),
        ('\n[pacing]\nhours = "8', ":11:11: unterminated string"),
    ],
)
def test_settings_are_refused_in_words_that_help(tmp_path: Path, settings: str, words: str) -> None:
    ended = run("send", "--yes", folder=write(tmp_path, settings=settings))
    assert ended.code == 1 and words in ended.err


def test_no_sender_number_no_fax(tmp_path: Path) -> None:
    """47 CFR 68.318(d): a fax carries its sender's number."""
    folder = write(tmp_path)
    toml = (folder / "faxappeal.toml").read_text().replace('phone = "+49 30 23125 012"\n', "")
    (folder / "faxappeal.toml").write_text(toml)
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 1
    assert "sender.phone is missing" in ended.err


def test_a_dotenv_that_others_can_read_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / ".env").write_text("FAXAPPEAL_EMAIL__SMTP__PASSWORD=hunter2\n")
    (folder / ".env").chmod(0o644)
    ended = run("check", folder=folder)
    assert ended.code == 5
    assert "chmod 600 .env" in ended.err and "hunter2" not in ended.err + ended.out


def test_the_environment_and_dotenv_override_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path)
    (folder / ".env").write_text("FAXAPPEAL_CAMPAIGN__ID=from-dotenv\n")
    (folder / ".env").chmod(0o600)
    assert run("log", folder=folder).out == "Nothing was sent yet of from-dotenv.\n"
    monkeypatch.setenv("FAXAPPEAL_CAMPAIGN__ID", "from-environment")
    assert run("log", folder=folder).out == "Nothing was sent yet of from-environment.\n"


def test_a_wrong_folder_says_what_to_do(tmp_path: Path) -> None:
    ended = run("check", folder=tmp_path)
    assert ended.code == 2
    assert ended.err.startswith("Error: no recipients.yaml here.\nHint: ")
    assert run("check", folder=tmp_path / "none").code == 2


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "letter.j2").write_bytes(b"\xff\xfe\x00")
    ended = run("check", folder=folder)
    assert ended.code == 2 and "UTF-8" in ended.err


# -- send ------------------------------------------------------------------------------------


def test_the_dry_run_of_the_sample(sample: Path) -> None:
    ended = run("send", "--dry-run", folder=sample)
    assert ended.code == 0
    assert ended.out.count("would be held: unverified") == 4
    assert "local time Tue 16:00 (Asia/Shanghai), here Tue 09:00" in ended.out
    names = sorted(path.name for path in (sample / "outbox").iterdir())
    assert [name.rpartition(".")[2] for name in names].count("tif") == 3
    assert [name.rpartition(".")[2] for name in names].count("pdf") == 3
    assert [name.rpartition(".")[2] for name in names].count("eml") == 1
    for name in names:
        assert f"would hand over outbox/{name}" in ended.out


def test_a_dry_run_says_would_and_never_sent(sample: Path) -> None:
    ended = run("send", "--dry-run", folder=sample)
    for line in ended.out.splitlines():
        assert "sent" not in line.replace("send", ""), line


def test_a_dry_run_is_the_same_bytes_for_the_same_time(sample: Path) -> None:
    def outbox() -> dict[str, bytes]:
        run("send", "--dry-run", folder=sample)
        return {path.name: path.read_bytes() for path in (sample / "outbox").iterdir()}

    assert outbox() == outbox()


def test_a_dry_run_opens_no_socket_and_writes_no_ledger(
    sample: Path, nobody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # K03
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("a dry run opened a socket")

    monkeypatch.setattr(socket.socket, "__init__", refuse)
    assert run("send", "--dry-run", folder=sample).code == 0
    assert run("status", "--offline", folder=sample).code == 3
    assert not list(nobody.rglob("*"))


def test_a_live_run_holds_the_sample(sample: Path) -> None:
    ended = run("send", "--yes", folder=sample)
    assert ended.code == 3
    assert "4 letters have NOT left." in ended.out


def test_without_a_terminal_yes_is_needed(tmp_path: Path) -> None:  # K02
    ended = run("send", folder=write(tmp_path), typed="y\n")
    assert ended.code == 2
    assert "--yes" in ended.err


def test_an_unverified_contact_needs_a_reason(sample: Path) -> None:
    ended = run("send", "--accept-unverified", "state-council", "--yes", folder=sample)
    assert ended.code == 2 and "--reason" in ended.err


@pytest.mark.parametrize("option", ["--to", "--accept-unverified"])
def test_an_unknown_recipient_is_guessed(sample: Path, option: str) -> None:  # K10
    ended = run("send", "--dry-run", option, "ministry-of-justise", "--reason", "x", folder=sample)
    assert ended.code == 2
    assert "did you mean ministry-of-justice?" in ended.err


def test_opted_out_has_no_override(sample: Path) -> None:
    path = sample / "recipients.yaml"
    path.write_text(path.read_text().replace("status: unverified", "status: opted_out"))
    ended = run(
        "send", "--dry-run", "--accept-unverified", "state-council", "--reason", "x", folder=sample
    )
    assert ended.out.count("would be held: opted out") == 4


def test_what_waits_is_said_in_both_local_times(sample: Path, clock: FakeClock) -> None:
    clock.sleep(9 * 3600)  # evening in Berlin, night in Beijing
    ended = run(
        "send", "--dry-run", "--to", "state-council", "--accept-unverified", "state-council",
        "--reason", "called them", folder=sample,
    )  # fmt: skip
    assert "would wait for office hours: until Wed 08:00 there, Wed 01:00 here" in ended.out


def test_only_one_recipient_or_channel(sample: Path) -> None:
    ended = run("send", "--dry-run", "--to", "embassy-berlin", "--channel", "email", folder=sample)
    assert "Would send: 0 of 1 letter" in ended.out
    assert [path.name for path in (sample / "outbox").iterdir()] == ["embassy-berlin-email.eml"]


def test_json_of_a_dry_run(sample: Path) -> None:
    data = run("send", "--dry-run", "--json", folder=sample).json
    assert set(data) == {"faxappeal", "command", "status", "data", "errors"}
    assert data["data"]["dry_run"] is True
    assert {row["fate"] for row in data["data"]["deliveries"]} == {"held"}


def test_an_outbox_that_cannot_be_written(sample: Path) -> None:
    (sample / "outbox").write_text("a file in the way")
    ended = run("send", "--dry-run", folder=sample)
    assert ended.code == 5 and "outbox" in ended.err


# -- preview ---------------------------------------------------------------------------------


def test_preview_shows_the_letter_and_its_cost(sample: Path) -> None:
    ended = run("preview", "state-council", folder=sample)
    assert ended.code == 0
    assert "The Chinese Government must protect asylum-seekers" in ended.out
    assert "1 page" in ended.out and "s on the line" in ended.out


def test_preview_writes_files_and_never_over_others(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "look"
    ended = run("preview", "--out", out, folder=sample)
    assert ended.code == 0
    kinds = sorted({path.suffix for path in out.iterdir()})
    assert kinds == [".eml", ".pdf", ".png", ".tif"]
    again = run("preview", "--out", out, folder=sample)
    assert again.code == 2 and "is there already" in again.err and "--force" in again.err
    assert run("preview", "--out", out, "--force", folder=sample).code == 0


def test_a_log_of_nobody_and_a_log_of_nothing(sent_once: Path) -> None:
    ended = run("log", "--to", "onne", folder=sent_once)
    assert ended.code == 2 and "did you mean one?" in ended.err
    ended = run("log", "--since", "2030-01-01", folder=sent_once)
    assert ended.code == 0 and "None of 6 events is what you asked for." in ended.out


def test_only_failed_where_nothing_has(sent_once: Path) -> None:
    assert run("send", "--only-failed", "--yes", folder=sent_once).out == "Nothing has failed.\n"


def test_a_preview_of_nothing(tmp_path: Path) -> None:
    ended = run("preview", "one", "--channel", "email", folder=write(tmp_path))
    assert ended.code == 2 and "one has no email" in ended.err


def test_a_wrong_secret_is_not_for_cron(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.fakes import sinch

    clock.sleep(7 * 3600)
    [variable] = sinch.ENVIRONMENT
    monkeypatch.setenv(variable, "wrong")
    with sinch.sinch() as account:
        ended = run("send", "--yes", folder=write(tmp_path, settings=sinch.settings(account)))
    assert (
        ended.code == 5
        and "crontab" not in ended.out
        and "goes now" not in ended.out.split("\n\n")[-2]
    )


@pytest.fixture
def sent_once(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A campaign of one letter, which was delivered."""
    from tests.support.fakes import sinch

    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    clock.sleep(7 * 3600)
    with sinch.sinch() as account:
        folder = write(tmp_path, settings=sinch.settings(account))
        assert run("send", "--yes", folder=folder).code == 0
    return folder


def test_a_second_send_at_the_same_time_is_told_so(tmp_path: Path) -> None:
    from faxappeal.ledger.location import default_path
    from faxappeal.ledger.locking import lock
    from faxappeal.ledger.sqlite import SqliteStore

    folder = write(
        tmp_path, ["one office@example.org"], settings='\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "127.0.0.1"\n'
    )  # fmt: skip
    with SqliteStore(default_path()).open() as ledger, lock(ledger, "campaign other, since 10:02"):
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 5
    told = f"another faxappeal is sending just now: process {os.getpid()}, campaign other, since"
    assert told in ended.err and "Hint: wait for it" in ended.err


def test_the_ledger_is_for_its_owner_alone(tmp_path: Path, nobody: Path) -> None:
    folder = write(
        tmp_path, ["one office@example.org"], settings='\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "127.0.0.1"\nport = 9\n'
    )  # fmt: skip
    before = os.umask(0o022)
    try:
        run("send", "--yes", "--no-wait", folder=folder)
    finally:
        os.umask(before)
    data = nobody / "data" / "faxappeal"
    assert data.stat().st_mode & 0o777 == 0o700
    files = [path for path in data.rglob("*") if path.is_file()]
    assert files and all(path.stat().st_mode & 0o077 == 0 for path in files), files


def test_the_ledger_holds_no_letter_and_no_sender(tmp_path: Path, nobody: Path) -> None:
    letter = "---\nsubject: Very secret subject\n---\nVery secret text, {{ sender.name }}"
    folder = write(
        tmp_path, ["one office@example.org"], letter=letter, settings='\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "127.0.0.1"\nport = 9\n'
    )  # fmt: skip
    ended = run("send", "--yes", "--no-wait", folder=folder)
    log = run("log", folder=folder)
    data = nobody / "data" / "faxappeal"
    for kept in data.glob("ledger*"):
        assert b"secret" not in kept.read_bytes() and b"Mustermann" not in kept.read_bytes()
    for shown in (ended, log):
        assert "secret" not in shown.out + shown.err and "Mustermann" not in shown.out


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"this is no database, but some text that is long enough", "not a database"), (b"", "")],
)
def test_a_ledger_that_is_none(nobody: Path, tmp_path: Path, content: bytes, said: str) -> None:
    data = nobody / "data" / "faxappeal"
    data.mkdir(parents=True)
    (data / "ledger.db").write_bytes(content)
    ended = run("log", folder=write(tmp_path))
    assert said in ended.err and ended.code == (5 if said else 0)


def test_a_ledger_of_a_newer_version_is_left_alone(nobody: Path, tmp_path: Path) -> None:
    import sqlite3

    from faxappeal.ledger.location import default_path
    from faxappeal.ledger.sqlite import SqliteStore

    SqliteStore(default_path()).open().close()
    connection = sqlite3.connect(default_path())
    connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    connection.commit()
    connection.close()
    ended = run("send", "--yes", folder=write(tmp_path))
    assert ended.code == 5 and "newer faxappeal" in ended.err


def test_a_letter_that_changed_since_is_not_sent_again_by_itself(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.fakes import sinch

    clock.sleep(7 * 3600)
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with sinch.sinch() as account:
        folder = write(tmp_path, settings=sinch.settings(account))
        run("send", "--yes", folder=folder)
        (folder / "letter.j2").write_text("---\nsubject: Another\n---\nAnother letter")
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 0 and len(account.faxes) == 1
    assert "in an earlier version; not sent again" in ended.out
