"""Status codes of mail servers: what each means for a letter."""

from __future__ import annotations

import pytest

from faxappeal.core.lifecycle import Cause
from faxappeal.providers.smtp_status import first_code, is_about_us, meaning


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        pytest.param("5.1.1", Cause.BOUNCE, id="no such mailbox"),
        pytest.param("5.1.2", Cause.BOUNCE, id="no such domain"),
        pytest.param("5.1.3", Cause.BOUNCE, id="an address that cannot be"),
        pytest.param("5.1.6", Cause.BOUNCE, id="moved"),
        pytest.param("5.1.10", Cause.BOUNCE, id="Exchange: no such mailbox"),
        pytest.param("5.1.11", Cause.REFUSED, id="not the code that it begins with"),
        pytest.param("5.1.8", Cause.REFUSED, id="the sender's address"),
        pytest.param("5.2.1", Cause.BOUNCE, id="disabled"),
        pytest.param("5.2.2", Cause.REFUSED, id="full"),
        pytest.param("5.2.10", Cause.REFUSED, id="not disabled"),
        pytest.param("5.3.4", Cause.DOCUMENT, id="too big"),
        pytest.param("5.4.4", Cause.BOUNCE, id="Postfix: no such domain"),
        pytest.param("5.4.7", Cause.EXPIRED, id="tried too long"),
        pytest.param("4.4.7", Cause.EXPIRED, id="temporary, and given up"),
        pytest.param("4.2.2", Cause.EXPIRED, id="full for too long"),
        pytest.param("5.7.1", Cause.REFUSED, id="policy"),
        pytest.param("5.9.99", Cause.REFUSED, id="an unassigned code"),
        pytest.param("", Cause.REFUSED, id="no code"),
    ],
)
def test_why_a_message_was_given_up(status: str, cause: Cause) -> None:
    assert meaning(status) is cause


@pytest.mark.parametrize(
    ("words", "is_so"),
    [
        ("5.7.8 Error: authentication failed", True),
        ("5.7.9 mechanism too weak", True),
        ("5.7.30 Basic authentication is not supported", True),
        ("5.7.57 Client not authenticated to send mail", True),
        ("5.7.1 Relaying denied", False),
        ("5.7.80 something else", False),
        ("user unknown (5.7.8)", False),
        ("", False),
    ],
)
def test_words_that_mean_our_credentials(words: str, is_so: bool) -> None:
    assert is_about_us(words) is is_so


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("smtp; 550 5.1.1 no such user", "5.1.1"),
        ("5.2.2 full, then 5.1.1", "5.2.2"),
        ("450 4.7.1 greylisted", "4.7.1"),
        ("2.0.0 Ok", "2.0.0"),
        ("host mx[5.1.1.1] said no", ""),
        ("connect to 192.0.2.5 timed out", ""),
        ("3.1.1 is no class", ""),
        ("550 no such user", ""),
        ("", ""),
    ],
)
def test_the_first_code_of_a_servers_words(words: str, code: str) -> None:
    assert first_code(words) == code
