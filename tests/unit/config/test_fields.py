"""What a value of faxappeal.toml may be: addresses, numbers, durations, texts of one line."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from faxappeal.config.fields import (
    Duration,
    LedgerUrl,
    Mailbox,
    Number,
    OneLine,
    OwnNumber,
    Url,
    at,
    env_var_name,
    is_loopback,
)

AtTwilio = Annotated[Url, at("twilio.com")]


def taken(kind: Any, written: object) -> object:
    return TypeAdapter(kind).validate_python(written)


def refusal(kind: Any, written: object) -> str:
    with pytest.raises(ValidationError) as refused:
        taken(kind, written)
    [error] = refused.value.errors()
    return error["msg"]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (("email", "smtp", "password"), "FAXAPPEAL_EMAIL__SMTP__PASSWORD"),
        (("ledger", "password_command"), "FAXAPPEAL_LEDGER__PASSWORD_COMMAND"),
        (("ledger",), "FAXAPPEAL_LEDGER"),
    ],
)
def test_a_setting_has_a_variable_of_the_environment(key: tuple[str, ...], name: str) -> None:
    assert env_var_name(key) == name


@pytest.mark.parametrize(
    ("host", "is_this_machine"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.200.3.4", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, is_this_machine: bool) -> None:
    assert is_loopback(host) is is_this_machine


# -- addresses of the web ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("https://www.example.org/", "https://www.example.org"),
        ("https://www.example.org:8443/a/b?c=d", "https://www.example.org:8443/a/b?c=d"),
        ("https://example.org.", "https://example.org."),
        ("https://xn--bro-hoa.example.org", "https://xn--bro-hoa.example.org"),
        ("https://b\u00fcro.example.org", "https://b\u00fcro.example.org"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_an_address_of_the_web_is_taken(written: str, read: str) -> None:
    assert taken(Url, written) == read


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        pytest.param("http://www.example.org", "must begin with https://", id="plain text"),
        pytest.param("ftp://www.example.org", "must begin with https://", id="another protocol"),
        pytest.param("http://localhost.example.org", "must begin with https://", id="named like it"),
        pytest.param("www.example.org", "must be a plain address", id="no protocol"),
        pytest.param("", "must be a plain address", id="empty"),
        pytest.param("https:///path", "must be a plain address", id="no host"),
        pytest.param("https://u@www.example.org", "without a user name", id="user"),
        pytest.param("https://@www.example.org", "without a user name", id="empty user"),
        pytest.param("http://127.0.0.1@example.org/", "without a user name", id="user like a host"),
        pytest.param("https://www.example.org/a b", "must be a plain address", id="space"),
        pytest.param("https://www.example.org/\u200b", "must be a plain address", id="invisible"),
        pytest.param("https://www.example.org:x/", "not an address of the web", id="port"),
        pytest.param("https://www.example.org:99999/", "not an address of the web", id="high port"),
        pytest.param("https://[::1", "not an address of the web", id="half a bracket"),
        pytest.param("https://example", "must have a host by its name", id="no domain"),
        pytest.param("https://10.0.0.1/", "must have a host by its name", id="address"),
        pytest.param("https://127.1/", "must have a host by its name", id="short address"),
        pytest.param("https://2130706433/", "must have a host by its name", id="decimal address"),
        pytest.param("https://0x7f000001/", "must have a host by its name", id="hexadecimal"),
        pytest.param("https://[::1]/", "must have a host by its name", id="address in brackets"),
    ],
)  # fmt: skip
def test_a_key_goes_to_no_such_address(written: str, reason: str) -> None:
    assert reason in refusal(Url, written)


@pytest.mark.parametrize(
    "written",
    [
        "https://twilio.com",
        "https://api.twilio.com/v1",
        "http://127.0.0.1:8080",
        "http://localhost",
    ],
)
def test_a_key_goes_to_its_provider_or_to_a_test_server(written: str) -> None:
    assert taken(AtTwilio, written) == written


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("https://api.example.org", id="another domain"),
        pytest.param("https://eviltwilio.com", id="ends like it"),
        pytest.param("https://twilio.com.example.org", id="begins like it"),
        pytest.param("https://api.example.org/twilio.com", id="path like it"),
        pytest.param("https://api.example.org?.twilio.com", id="question like it"),
    ],
)
def test_a_key_goes_nowhere_else(written: str) -> None:
    assert "must be at twilio.com: the account's key goes there" in refusal(AtTwilio, written)


# -- the ledger's address ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "sqlite:///ledger.db",
        "sqlite:////srv/faxappeal/ledger.db",
        "postgresql://faxappeal@db.example.org/faxappeal",
        "postgresql://faxappeal@db.example.org:5433/faxappeal",
        "postgresql:///faxappeal",
    ],
)
def test_a_ledger_is_a_file_or_a_database(written: str) -> None:
    assert taken(LedgerUrl, written) == written


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        pytest.param("sqlite:///", "must be sqlite:///FILE", id="no file"),
        pytest.param("sqlite://ledger.db", "must be sqlite:///FILE", id="two slashes"),
        pytest.param("ledger.db", "must be sqlite:///FILE", id="a bare name"),
        pytest.param("mysql://u@h/d", "must be sqlite:///FILE", id="another database"),
        pytest.param("postgresql+psycopg://u@h/d", "must be sqlite:///FILE", id="a driver"),
        pytest.param("postgresql://u@h", "must be sqlite:///FILE", id="no database"),
        pytest.param("postgresql://u@h/", "must be sqlite:///FILE", id="empty database"),
        pytest.param("postgresql://u@h:x/d", "must be sqlite:///FILE", id="port"),
        pytest.param("postgresql://[/d", "must be sqlite:///FILE", id="half a bracket"),
        pytest.param("postgresql://u@h/d\u200b", "must be sqlite:///FILE", id="invisible"),
        pytest.param("postgresql://u:@h/d", "holds a password", id="empty password"),
        pytest.param("postgresql://u@h/d?sslmode=disable", "TLS is always on", id="without TLS"),
        pytest.param("postgresql://u@h/d#a", "TLS is always on", id="fragment"),
    ],
)
def test_a_ledger_is_refused_with_the_reason(written: str, reason: str) -> None:
    assert reason in refusal(LedgerUrl, written)


def test_a_password_in_the_ledgers_address_is_refused_and_not_repeated() -> None:
    reason = refusal(LedgerUrl, "postgresql://faxappeal:hunter2@db.example.org/faxappeal")
    assert "FAXAPPEAL_LEDGER__PASSWORD" in reason and "hunter2" not in reason


# -- texts, numbers, durations -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        pytest.param(OneLine, "  Erika Mustermann ", "Erika Mustermann", id="spaces around"),
        pytest.param(OneLine, "x" * 200, "x" * 200, id="long"),
        pytest.param(OneLine, "\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e", id="Persian"),
        pytest.param(Mailbox, "Erika@EXAMPLE.org", "Erika@example.org", id="mailbox"),
        pytest.param(Number, "+1 (202) 555-0101", "+1 (202) 555-0101", id="number as written"),
        pytest.param(OwnNumber, "+1 (202) 555-0101", "+12025550101", id="number to dial from"),
        pytest.param(Duration, "90s", timedelta(seconds=90), id="duration"),
    ],
)
def test_a_value_is_read(kind: Any, written: str, read: object) -> None:
    assert taken(kind, written) == read


@pytest.mark.parametrize(
    ("kind", "written", "reason"),
    [
        pytest.param(OneLine, "", "at least 1", id="empty"),
        pytest.param(OneLine, "   ", "at least 1", id="spaces alone"),
        pytest.param(OneLine, "x" * 201, "at most 200", id="too long"),
        pytest.param(OneLine, "a\nb", "control character", id="two lines"),
        pytest.param(OneLine, "a\u202eb", "invisible", id="written backwards"),
        pytest.param(OneLine, 1, "valid string", id="a number"),
        pytest.param(Mailbox, "erika", "not an e-mail address", id="no mailbox"),
        pytest.param(Mailbox, "Erika <e@example.org>", "not an e-mail address", id="with a name"),
        pytest.param(Number, "2025550101", "pattern", id="no country"),
        pytest.param(Number, "+0 202 555 0101", "pattern", id="country code 0"),
        pytest.param(Number, "+1 202 555 0101 ext 5", "pattern", id="extension"),
        pytest.param(Number, "+1 202 555 0101\n", "pattern", id="line break"),
        pytest.param(OwnNumber, "2025550101", "pattern", id="own number without country"),
        pytest.param(Duration, "5", "5m, 2h or 7d", id="duration without a unit"),
    ],
)
def test_a_value_is_refused_with_the_reason(kind: Any, written: object, reason: str) -> None:
    assert reason in refusal(kind, written)
