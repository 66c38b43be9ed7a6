"""Advice on the sender's domain: what is said of each finding, and never more than advice."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from dns.exception import Timeout
from dns.resolver import NXDOMAIN, Resolver

from faxappeal.providers.domain_checks import advice

GOOD_SPF = {"valid": True, "record": "v=spf1 -all"}
GOOD_DMARC = {"valid": True, "record": "v=DMARC1; p=none", "tags": {"p": {"value": "none"}}}
NONE = {"valid": False, "record": None}
BROKEN = {"valid": False, "record": "v=spf1 nonsense"}


class Names(Resolver):
    """A name server that knows of the domain, or raises."""

    def __init__(self, error: type[Exception] | None = None) -> None:
        super().__init__(configure=False)
        self.error = error
        self.asked: list[str] = []

    def resolve(self, qname: Any, *_: Any, **__: Any) -> Any:
        self.asked.append(qname)
        if self.error:
            raise self.error()


def said(
    monkeypatch: pytest.MonkeyPatch, spf: dict[str, Any], dmarc: dict[str, Any]
) -> dict[str, tuple[bool | None, str]]:
    monkeypatch.setattr("dns.resolver.default_resolver", Names())
    monkeypatch.setattr("checkdmarc.spf.check_spf", lambda *_, **__: spf)
    monkeypatch.setattr("checkdmarc.dmarc.check_dmarc", lambda *_, **__: dmarc)
    return {probe.name: (probe.ok, probe.words) for probe in advice("appeals@example.org")}


@pytest.mark.parametrize(
    ("policy", "wish"),
    [("reject", "refuse"), ("quarantine", "hide"), ("none", "report")],
)
def test_a_domain_that_is_well_kept_is_praised(
    monkeypatch: pytest.MonkeyPatch, policy: str, wish: str
) -> None:
    found = said(monkeypatch, GOOD_SPF, {**GOOD_DMARC, "tags": {"p": {"value": policy}}})
    assert found["SPF"] == (True, "example.org says which servers may send for it")
    assert found["DMARC"] == (True, f"example.org asks receivers to {wish} what is forged")
    assert found["DKIM"][0] is None, "it is seen only in an e-mail"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        pytest.param(NONE, "example.org has none that is valid", id="none"),
        pytest.param(BROKEN, "example.org has one that cannot be read", id="broken"),
    ],
)
def test_what_is_missing_or_broken_is_advice_and_no_error(
    monkeypatch: pytest.MonkeyPatch, record: dict[str, Any], words: str
) -> None:
    found = said(monkeypatch, record, record)
    assert found["SPF"] == found["DMARC"] == (None, words)


def test_one_record_says_nothing_of_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    found = said(monkeypatch, GOOD_SPF, NONE)
    assert found["SPF"][0] is True and found["DMARC"][0] is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(NXDOMAIN, "example.org does not exist", id="no such domain"),
        pytest.param(
            Timeout, "example.org cannot be looked up: the DNS does not answer", id="no answer"
        ),
    ],
)
def test_a_domain_that_is_not_found_ends_the_look(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception], words: str
) -> None:
    names = Names(error)
    monkeypatch.setattr("dns.resolver.default_resolver", names)
    [probe] = advice("appeals@example.org")
    assert (probe.name, probe.ok, probe.words) == ("domain", None, words)
    assert names.asked == ["example.org"]


def test_a_name_server_that_does_not_answer_takes_three_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = Names(Timeout)
    names.lifetime = 30.0
    monkeypatch.setattr("dns.resolver.default_resolver", names)
    advice("appeals@example.org")
    assert names.lifetime == 3.0


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "checkdmarc.dmarc", None)
    [probe] = advice("appeals@example.org")
    assert (probe.ok, probe.words) == (None, "not looked at")
    assert "pip install 'faxappeal[dns]'" in probe.hint
