"""The list of fax accounts, and what those with an HTTP API have in common."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from faxappeal.config.fields import Section
from faxappeal.config.sections import FaxSection
from faxappeal.providers import fax, http
from tests.support.bad_urls import BAD_URLS
from tests.support.clock import BERLIN
from tests.support.fakes.web import as_json
from tests.support.fax_channels import SENDING
from tests.support.wire import Wire

NAMES = ("hylafax", "interfax", "signalwire", "sinch", "telnyx")


def test_the_accounts_that_there_are() -> None:
    assert fax.names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_account_says_what_it_is_and_what_it_keeps(name: str) -> None:
    table = fax.table(name)
    assert issubclass(table, Section)
    assert all((table.about, table.tried, table.killed, table.keeps))
    secrets = [field for field in table.model_fields if f"{field}_command" in table.model_fields]
    assert len(secrets) == 1, "one secret, from the environment or by a command"


@pytest.mark.parametrize(
    ("name", "forgets"),
    [
        ("hylafax", False),
        ("interfax", False),
        ("signalwire", True),
        ("sinch", True),
        ("telnyx", True),
        ("smtp", False),
        ("../sinch", False),
        ("", False),
    ],
)
def test_whether_an_account_deletes_what_it_keeps(name: str, forgets: bool) -> None:
    assert fax.forgets(name) is forgets


def test_an_account_that_opens_nothing_says_so() -> None:
    with pytest.raises(NotImplementedError):
        fax.FaxAccount().open(FaxSection(), None)


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        (datetime(2026, 11, 24, 9, tzinfo=BERLIN), "2026-11-24T07:55:00Z"),
        (datetime(2026, 7, 1, 0, 2, tzinfo=BERLIN), "2026-06-30T21:57:00Z"),
        (datetime(2027, 1, 1, 1, 4, 59, 999_999, tzinfo=BERLIN), "2026-12-31T23:59:59Z"),
    ],
    ids=["winter", "summer", "the turn of the year"],
)
def test_a_search_begins_early_for_clocks_differ(moment: datetime, start: str) -> None:
    assert fax.search_start(moment) == start


@pytest.mark.parametrize("name", SENDING)
def test_what_the_program_may_rely_on(name: str, tmp_path: Path) -> None:
    channel = SENDING[name](Wire(as_json({})), tmp_path)
    assert channel.name == name
    assert channel.supports_lookup is (name != "signalwire")
    assert channel.gap >= timedelta(seconds=1)
    if channel.supports_lookup:
        longest = timedelta(seconds=http.TIMEOUT[1])
        assert channel.visibility_delay >= longest, "until then a request may be accepted"
    channel.close()
    channel.close()


DOMAINS = {"interfax": "interfax.net", "signalwire": "signalwire.com", "sinch": "sinch.com"} | {
    "telnyx": "telnyx.com"
}
TABLES: dict[str, dict[str, str]] = {
    "interfax": {"username": "a"},
    "signalwire": {"project_id": "a", "from": "+12025550199"},
    "sinch": {"project_id": "a", "key_id": "b"},
    "telnyx": {"connection_id": "a", "from": "+12025550199"},
}


@pytest.mark.parametrize("url", BAD_URLS)
@pytest.mark.parametrize("name", DOMAINS)
def test_no_key_goes_to_a_strange_address(name: str, url: str) -> None:
    url = url.replace("sinch.com", DOMAINS[name])
    with pytest.raises(ValidationError) as refused:
        fax.table(name).model_validate(TABLES[name] | {"url": url})
    assert [error["loc"] for error in refused.value.errors()] == [("url",)]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://api.{domain}", "https://api.{domain}"),
        ("https://eu1.api.{domain}/", "https://eu1.api.{domain}"),
        ("https://{domain}", "https://{domain}"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://localhost:8080/", "https://localhost:8080"),
    ],
)
@pytest.mark.parametrize("name", DOMAINS)
def test_an_address_of_the_provider_or_of_a_test_is_right(name: str, url: str, kept: str) -> None:
    domain = DOMAINS[name]
    table = fax.table(name).model_validate(TABLES[name] | {"url": url.format(domain=domain)})
    assert table.model_dump()["url"] == kept.format(domain=domain)
