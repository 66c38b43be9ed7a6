"""What hides numbers and addresses in a redacted report and in a worker's log."""

from __future__ import annotations

import pytest

from faxappeal.core.redaction import mask_address, mask_text


@pytest.mark.parametrize(
    "said",
    [
        "553 5.7.1: Sender address rejected",
        "since 2026-01-05 10:00, HTTP 401, error 20003, balance 0.0000",
        "fa-01234567890abcdef and f8112345678a at 2026-11-24T15:02:11+00:00",
        "server at 192.168.100.200, port 44301 (postgresql://faxappeal@db.example.org/faxappeal)",
    ],
)
def test_a_log_says_what_a_server_said(said: str) -> None:
    assert mask_text(said) == said


PRIVATE = (
    *("paula@example.org", '"max m"@example.org', "+49 30 23125-012", "030 23125 013"),
    *("12025550101", "(202) 555-0101", "1-202-555-0101", "49.30.23125.01"),
)


@pytest.mark.parametrize("private", PRIVATE)
def test_no_address_and_no_number_passes(private: str) -> None:
    assert mask_text(f"{private} is refused") == "… is refused"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param("to +49 30 23125 012, +1 202 555 0101", "to …, …", id="two numbers"),
        pytest.param("<paula@example.org>: unknown", "<…>: unknown", id="in angle brackets"),
        pytest.param("paula@example", "…", id="a host without a domain"),
        pytest.param("2026-11-24 030 23125012", "…", id="a number behind a date"),
        pytest.param("call 1234567", "call …", id="as many digits as a number has"),
        pytest.param("call 123456", "call 123456", id="too few digits"),
        pytest.param("2026-11-24, 10.20.30.40", "2026-11-24, 10.20.30.40", id="date and machine"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_only_what_may_be_somebodys_is_hidden(said: str, shown: str) -> None:
    assert mask_text(said) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        pytest.param("paula@example.org", "…@example.org", id="e-mail"),
        pytest.param('"p@ula"@example.org', "…@example.org", id="an at sign in quotes"),
        pytest.param("+493023125012", "+49…12", id="Berlin"),
        pytest.param("+12025550101", "+1…01", id="Washington"),
        pytest.param("+999-9999-263", "…", id="simulator"),
        pytest.param("somebody", "…", id="no address"),
        pytest.param("", "", id="none"),
    ],
)
def test_an_address_keeps_its_country_or_domain(address: str, shown: str) -> None:
    assert mask_address(address) == shown
