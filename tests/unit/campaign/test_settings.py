"""faxappeal.toml, `.env` and the environment: which counts, and what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxappeal.campaign.settings import Settings, place_of, read
from faxappeal.core.errors import SetupError
from faxappeal.core.finding import Finding, Location
from tests.support.campaigns import SETTINGS

HYLAFAX = '\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n'
SMTP = '\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "mail.example.org"\n'
ABOVE = len(SETTINGS.splitlines())  # lines before a test's own


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    """A `.env` of its owner alone, with nothing in it."""
    path = tmp_path / ".env"
    path.touch(0o600)
    return path


def good(text: str, dotenv: Path | None = None) -> Settings:
    made, findings = read(text, dotenv)
    assert made is not None, findings
    assert not findings
    return made


def wrong(text: str, dotenv: Path | None = None) -> Finding:
    made, findings = read(text, dotenv)
    assert made is None
    [finding] = findings
    assert finding.level == "error"
    return finding


# -- which value counts ------------------------------------------------------------------------------


def test_a_file_with_a_campaign_and_a_sender_is_enough() -> None:
    made = good(SETTINGS)
    assert (made.campaign.id, made.sender.name) == ("test", "Erika Mustermann")
    assert (made.fax.account, made.email.account, made.twilio) == (None, None, None)
    assert (made.pacing.attempts, made.fax.paper) == (5, "a4")


def test_the_table_of_an_account_is_read_as_that_accounts() -> None:
    made = good(SETTINGS + '\n[fax.hylafax]\nhost = "fax.example.org"\n')
    table = made.fax.table("hylafax")
    assert table is not None and table.model_dump()["host"] == "fax.example.org"
    assert made.fax.table("sinch") is None


@pytest.mark.parametrize(
    ("in_file", "in_dotenv", "in_environment", "attempts"),
    [
        (None, None, None, 5),
        (2, None, None, 2),
        (2, 3, None, 3),
        (2, 3, 4, 4),
        (2, None, 4, 4),
        (None, 3, 4, 4),
    ],
    ids=["nothing", "the file", "file and .env", "all three", "file and environment", "no file"],
)
def test_the_environment_counts_before_dotenv_and_dotenv_before_the_file(
    dotenv: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_file: int | None,
    in_dotenv: int | None,
    in_environment: int | None,
    attempts: int,
) -> None:
    text = SETTINGS + (f"\n[pacing]\nattempts = {in_file}\n" if in_file else "")
    if in_dotenv:
        dotenv.write_text(f"FAXAPPEAL_PACING__ATTEMPTS={in_dotenv}\n")
    if in_environment:
        monkeypatch.setenv("FAXAPPEAL_PACING__ATTEMPTS", str(in_environment))
    assert good(text, dotenv).pacing.attempts == attempts


def test_a_table_keeps_what_the_environment_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAXAPPEAL_PACING__HOURS", "09:00-17:00")
    pacing = good(SETTINGS + '\n[pacing]\ndays = "mon-thu"\nhours = "10:00-11:00"\n').pacing
    assert (pacing.hours, pacing.days) == ("09:00-17:00", "mon-thu")


def test_a_secret_comes_from_dotenv_and_is_not_shown(dotenv: Path) -> None:
    dotenv.write_text("FAXAPPEAL_EMAIL__SMTP__PASSWORD=hunter2\n")
    smtp = good(SETTINGS + SMTP, dotenv).email.smtp
    assert smtp and smtp.password and smtp.password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(smtp)


@pytest.mark.parametrize(
    "line",
    [
        "FAXAPPEAL_EMAIL__SMTP__PASSWORD=hunter2",
        "FAXAPPEAL_FAX__SINCH__KEY_SECRET=hunter2",
        "FAXAPPEAL_TWILIO__AUTH_TOKEN=hunter2",
    ],
)
def test_a_secret_of_another_campaign_makes_no_account(dotenv: Path, line: str) -> None:
    """One `.env` may serve several campaigns."""
    dotenv.write_text(line + "\n")
    made = good(SETTINGS + HYLAFAX, dotenv)
    assert made.email.smtp is None and made.twilio is None
    assert made.fax.table("sinch") is None


def test_the_ledgers_password_needs_no_table(dotenv: Path) -> None:
    dotenv.write_text("FAXAPPEAL_LEDGER__PASSWORD=hunter2\n")
    ledger = good(SETTINGS, dotenv).ledger
    assert ledger.password and ledger.password.get_secret_value() == "hunter2"


def test_what_other_programs_have_in_dotenv_is_theirs(dotenv: Path) -> None:
    dotenv.write_text("# theirs\nDJANGO_SECRET=x\nPACING=1\nexport A=b\n")
    assert good(SETTINGS, dotenv) == good(SETTINGS)


def test_a_dotenv_that_others_can_read_is_refused(dotenv: Path) -> None:
    dotenv.chmod(0o644)
    with pytest.raises(SetupError) as refused:
        read(SETTINGS, dotenv)
    assert refused.value.hint == "chmod 600 .env"


def test_without_a_dotenv_the_file_alone_counts(tmp_path: Path) -> None:
    assert good(SETTINGS, tmp_path / ".env") == good(SETTINGS)


# -- what is wrong -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"),
    [
        pytest.param("\n[fax\n", 2, 5, "expected ']'", "", id="an open bracket"),
        pytest.param(
            "\n[fax]\n\n[fax]\n", 4, 5, "the table [fax] is here already",
            "put both parts into one table", id="a table twice",
        ),
        pytest.param(
            "\n[pacing]\nattempts = 1\nattempts = 1\n", 4, 13, "this key has a value already",
            "keep one of the two lines", id="a key twice",
        ),
        pytest.param(
            "\n[fax]\naccount = hylafax\n", 3, 11, "invalid value",
            'a text stands in quotes: name = "Erika Mustermann"', id="no quotes",
        ),
        pytest.param('\n[pacing]\nhours = "8', 3, 11, "unterminated string", "", id="an open quote"),
        pytest.param(
            "\n[fax.hylafax]\n[fax.hylafax]\n", 3, 13, "the table [fax.hylafax] is here already",
            "put both parts into one table", id="a table of a table",
        ),
    ],
)  # fmt: skip
def test_what_is_no_toml_is_said_at_its_place(
    text: str, line: int, column: int, message: str, hint: str
) -> None:
    finding = wrong(SETTINGS + text)
    assert (finding.path, finding.rule) == ("faxappeal.toml", "toml-syntax")
    assert message in finding.message and finding.hint == hint
    assert (finding.place.line - ABOVE, finding.place.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "campaign is missing", "add the table [campaign]"),
        ('[campaign]\ndate = 2026-11-24\n', "campaign.id is missing", "add id = … to [campaign]"),
    ],
    ids=["a table", "a key"],
)  # fmt: skip
def test_what_is_missing_is_said_with_its_table(text: str, message: str, hint: str) -> None:
    _made, findings = read(text)
    found = {each.message: (each.rule, each.hint) for each in findings}
    assert found[message] == ("missing-key", hint)


def test_no_sender_number_no_fax() -> None:
    """47 CFR 68.318(d): a fax carries its sender's number."""
    finding = wrong(SETTINGS.replace('phone = "+49 30 23125 012"\n', ""))
    assert (finding.message, finding.place) == ("sender.phone is missing", Location(5, 2))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param('\n[fax]\nacount = "x"\n', "fax.acount", "did you mean account?", id="a key"),
        pytest.param('\n[fax.hylafx]\nhost = "x"\n', "fax.hylafx", "did you mean hylafax?", id="a table"),
        pytest.param("\n[pacng]\nattempts = 1\n", "pacng", "did you mean pacing?", id="at the top"),
        pytest.param(
            '\n[email.smtp]\nhost = "mail.example.org"\nform = "a@example.org"\n', "email.smtp.form",
            "did you mean from?", id="a key with another name inside",
        ),
        pytest.param('\n[fax]\nxyzzy = "x"\n', "fax.xyzzy", "", id="like nothing"),
        pytest.param(
            '\n[fax.twilio]\naccount_sid = "AC1"\n', "fax.twilio", 'account = "signalwire"',
            id="Twilio sends no faxes",
        ),
    ],
)  # fmt: skip
def test_an_unknown_key_is_guessed(text: str, message: str, hint: str) -> None:
    finding = wrong(SETTINGS + text)
    assert (finding.rule, finding.message) == ("unknown-key", f"unknown key {message}")
    assert hint in finding.hint and bool(hint) == bool(finding.hint)


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        pytest.param(
            '\n[fax]\naccount = "hylafx"\n', (3, 1), "fax.account must be 'hylafax', 'interfax', "
            "'signalwire', 'sinch' or 'telnyx'", "did you mean hylafax?", id="an account",
        ),
        pytest.param(
            '\n[fax]\naccount = "twilio"\n', (3, 1), "fax.account must be", 'account = "signalwire"',
            id="Twilio sends no faxes",
        ),
        pytest.param(
            '\n[fax]\npaper = "leter"\n', (3, 1), "fax.paper must be 'a4' or 'letter'",
            "did you mean letter?", id="a paper",
        ),
        pytest.param(
            '\n[pacing]\nhours = "8-20"\n', (3, 1), "pacing.hours", "", id="hours",
        ),
        pytest.param(
            '\n[pacing]\nattempts = 1\ndays = "mon-sat,x"\n', (4, 1), "pacing.days", "", id="days",
        ),
        pytest.param(
            "\n[pacing]\nattempts = 11\n", (3, 1), "pacing.attempts: Input should be less than", "",
            id="too many",
        ),
        pytest.param(
            '\n[email.smtp]\nhost = "mail.example.org"\nsecurity = "none"\n', (2, 2),
            "email.smtp: security must be tls or starttls outside this machine", "",
            id="a password in clear text",
        ),
        pytest.param(
            '\n[fax.sinch]\nproject_id = "a"\nkey_id = "b"\nurl = "http://evil.example"\n', (5, 1),
            "fax.sinch.url: must begin with https://", "", id="a key in clear text",
        ),
        pytest.param(
            f'\n[fax.signalwire]\nproject_id = "AC{"0" * 32}"\nurl = "https://example.signalwire.com"'
            '\nfrom = "+1 202 555 0199"\n',
            (3, 1), "this is Twilio's account", "", id="the account of another",
        ),
        pytest.param(
            '\n[ledger]\nurl = "postgresql://me:hunter2@db.example.org/x"\n', (3, 1),
            "ledger.url: holds a password", "", id="a password in an address",
        ),
    ],
)  # fmt: skip
def test_a_wrong_value_is_said_at_its_place(
    text: str, place: tuple[int, int], message: str, hint: str
) -> None:
    finding = wrong(SETTINGS + text)
    assert (finding.path, finding.rule) == ("faxappeal.toml", "bad-value")
    assert (finding.place.line - ABOVE, finding.place.column) == place
    assert message in finding.message and hint in finding.hint
    assert "hunter2" not in finding.message + finding.hint


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("+49 30 23125 012", "030 23125 012", "sender.phone", "+49 30 23125 012"),
        ('"test"', '"My Campaign"', "campaign.id", "small letters, digits and hyphens"),
    ],
    ids=["phone", "id"],
)
def test_a_value_in_the_wrong_form_has_an_example(
    old: str, new: str, message: str, hint: str
) -> None:
    finding = wrong(SETTINGS.replace(old, new))
    assert finding.message == f"{message}: not in the right form" and hint in finding.hint


def test_several_mistakes_are_said_at_once() -> None:
    made, findings = read(SETTINGS + '\n[fax]\npaper = "a5"\nacount = "x"\n')
    assert made is None
    assert {each.rule for each in findings} == {"bad-value", "unknown-key"}


@pytest.mark.parametrize(
    ("text", "key", "variable"),
    [
        ('\n[email.smtp]\nhost = "x"\npassword = "hunter2"\n', "email.smtp.password",
         "FAXAPPEAL_EMAIL__SMTP__PASSWORD"),
        ('\n[fax.sinch]\nkey_secret = "hunter2"\n', "fax.sinch.key_secret",
         "FAXAPPEAL_FAX__SINCH__KEY_SECRET"),
        ('\n[ledger]\npassword = "hunter2"\n', "ledger.password", "FAXAPPEAL_LEDGER__PASSWORD"),
        ('\n[other]\napi_key = "hunter2"\n', "other.api_key", ""),
    ],
    ids=["mail", "fax", "ledger", "no key of ours"],
)  # fmt: skip
def test_a_secret_does_not_stand_in_the_file(text: str, key: str, variable: str) -> None:
    finding = wrong(SETTINGS + text)
    assert finding.rule == "secret-in-file" and finding.message.startswith(f"{key} is a secret")
    assert finding.hint.startswith("delete it here, change it at the provider")
    assert finding.hint.endswith(f", and set {variable}" if variable else "the provider")
    assert "hunter2" not in finding.message + finding.hint
    assert finding.place.line > ABOVE


@pytest.mark.parametrize(
    ("line", "rule", "message", "hint"),
    [
        pytest.param("FAXAPPEAL_PACING__HOURS=8-20", "bad-value", "pacing.hours", "", id="hours"),
        pytest.param(
            "FAXAPPEAL_FAX__PAPR=a4", "unknown-key", "unknown key fax.papr", "did you mean paper?",
            id="a misspelt key",
        ),
        pytest.param(
            "FAXAPPEAL_FAX_PAPER=a4", "unknown-key", "unknown name FAXAPPEAL_FAX_PAPER",
            "did you mean FAXAPPEAL_FAX__PAPER?", id="one line too few",
        ),
        pytest.param("FAXAPPEAL_FAX__PAPER: a4", "env-syntax", "sets nothing", "NAME=value", id="a colon"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_dotenv_is_said_there(
    dotenv: Path, line: str, rule: str, message: str, hint: str
) -> None:
    dotenv.write_text(f"OTHER=1\n{line}\n")
    finding = wrong(SETTINGS, dotenv)
    assert (finding.path, finding.place.line, finding.rule) == (".env", 2, rule)
    assert message in finding.message and hint in finding.hint


def test_what_is_wrong_in_the_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FAXAPPEAL_PACING__ATTEMPTS", "many")
    finding = wrong(SETTINGS + "\n[pacing]\nattempts = 2\n")
    assert finding.path == "FAXAPPEAL_PACING__ATTEMPTS"
    assert finding.message.startswith("pacing.attempts: ")


# -- where a key stands ------------------------------------------------------------------------------

TOML = """\
top = 1
[fax]
account = "hylafax"
paper = "a4"
[fax.hylafax]
  host = "x"
[email]
smtp = { host = "y", port = 465 }
imap.host = "z"
"""


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (("top",), (1, 1)),
        (("fax",), (2, 2)),
        (("fax", "paper"), (4, 1)),
        (("fax", "hylafax"), (5, 2)),
        (("fax", "hylafax", "host"), (6, 3)),
        (("email", "smtp"), (8, 1)),
        (("email", "imap", "host"), (9, 1)),
        (("fax", "resolution"), (2, 2)),
        (("fax", "hylafax", "port"), (5, 2)),
        (("sender", "name"), (1, 1)),
    ],
    ids=str,
)
def test_a_key_has_its_place_or_that_of_its_table(
    key: tuple[str, ...], place: tuple[int, int]
) -> None:
    assert place_of(TOML, key) == Location(*place)
