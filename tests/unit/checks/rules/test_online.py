"""Rules that ask others: what an answer means, and that no answer is no finding of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from dns.exception import Timeout
from dns.resolver import NXDOMAIN

from faxappeal.checks.rules import online
from faxappeal.providers.base import Unreachable
from faxappeal.providers.twilio import LineType
from tests.support.campaigns import RECIPIENT, write
from tests.support.checked import findings_of, found_by, found_in, one

GONE: Exception = NXDOMAIN()  # type: ignore[no-untyped-call]
SILENT: Exception = Timeout()  # type: ignore[no-untyped-call]


@dataclass
class Answer:
    """Records of one kind."""

    rrset: list[str]

    def __iter__(self) -> Iterator[SimpleNamespace]:
        return (SimpleNamespace(exchange=name) for name in self.rrset)


@dataclass
class NameServer:
    """The DNS of a test: by domain, its records by kind; or what is raised."""

    zones: Mapping[str, Mapping[str, list[str]] | Exception]
    lifetime: float = 30.0
    asked: list[str] = field(default_factory=list)

    def resolve(self, domain: str, kind: str, *, raise_on_no_answer: bool) -> Answer:
        self.asked.append(domain)
        zone = self.zones[domain]
        if isinstance(zone, Exception):
            raise zone
        return Answer(zone.get(kind, []))


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """What one test has learned of a domain says nothing to the next, here or elsewhere."""
    online._wrong_with.cache_clear()
    yield
    online._wrong_with.cache_clear()


def asked_of(zones: NameServer, monkeypatch: pytest.MonkeyPatch) -> NameServer:
    monkeypatch.setattr("dns.resolver.default_resolver", zones)
    return zones


def mails(*domains: str) -> str:
    return "recipients:\n" + "".join(
        RECIPIENT.format(id=f"r{number}", contact=f"email: office@{domain}")
        for number, domain in enumerate(domains)
    )


@pytest.mark.parametrize(
    ("zone", "wrong"),
    [
        pytest.param({"MX": ["mail.example.org."]}, None, id="a mail server"),
        pytest.param({"MX": ["."]}, "takes no mail", id="a null MX"),
        pytest.param({"MX": [".", "mail.example.org."]}, None, id="a null MX among others"),
        pytest.param({"A": ["192.0.2.1"]}, None, id="an address of its own"),
        pytest.param({"AAAA": ["2001:db8::1"]}, None, id="an address of IPv6"),
        pytest.param({}, "has no mail server", id="nothing"),
        pytest.param(GONE, "does not exist", id="no such domain"),
    ],
)
def test_a_domain_takes_mail_or_is_doubted(
    monkeypatch: pytest.MonkeyPatch,
    zone: Mapping[str, list[str]] | Exception,
    wrong: str | None,
) -> None:
    asked_of(NameServer({"example.org": zone}), monkeypatch)
    found = found_by("mail-domain", mails("example.org"))
    assert [(each.message, each.level) for each in found] == (
        [(f"example.org {wrong} (for r0)", "warning")] if wrong else []
    )


def test_the_dns_is_asked_once_for_a_domain_and_not_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dns = asked_of(NameServer({"example.org": {"MX": ["mail.example.org."]}}), monkeypatch)
    text = mails("example.org", "example.org").replace("office@", "other@", 1)
    assert not found_by("mail-domain", text)
    assert dns.asked == ["example.org"] and dns.lifetime <= 3


def test_where_the_dns_does_not_answer_no_other_domain_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    zones = {"example.com": GONE, "example.net": SILENT, "example.org": GONE}
    dns = asked_of(NameServer(zones), monkeypatch)
    first, second = found_by("mail-domain", mails("example.com", "example.net", "example.org"))
    assert first.message == "example.com does not exist (for r0)"
    assert second.message == "example.net cannot be looked up, and no e-mail domain after it was"
    assert "example.org" not in dns.asked


def test_a_number_needs_no_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    dns = asked_of(NameServer({}), monkeypatch)
    assert not found_by("mail-domain", one()) and not dns.asked


@pytest.mark.parametrize("is_online", [False, True])
def test_the_network_is_asked_where_it_may_be(
    monkeypatch: pytest.MonkeyPatch, is_online: bool
) -> None:
    asked_of(NameServer({"example.org": GONE}), monkeypatch)
    found = findings_of(mails("example.org"), online=is_online)
    assert [each.rule for each in found] == ["mail-domain"] * is_online


# -- Twilio ----------------------------------------------------------------------------------------


@dataclass
class Account:
    """Twilio's answers by number; a number that it has no answer for cannot be asked for."""

    lines: Mapping[str, LineType]
    asked: list[str] = field(default_factory=list)
    is_closed: bool = False

    def look_up(self, number: str) -> LineType:
        self.asked.append(number)
        if number not in self.lines:
            raise Unreachable("Twilio: Timeout")
        return self.lines[number]

    def close(self) -> None:
        self.is_closed = True


def line(kind: str = "landline", *, valid: bool = True) -> LineType:
    return LineType(valid, kind, "Example Telecom", "")


LOOKED_UP = f'\n[twilio]\naccount_sid = "AC{"0" * 32}"\n'
NUMBERS = ["one +12025550101", "two +12025550102", "three office@example.org"]


def ask(
    folder: Path, monkeypatch: pytest.MonkeyPatch, lines: Mapping[str, LineType]
) -> tuple[Account, list[str]]:
    account = Account(lines)
    monkeypatch.setattr("faxappeal.providers.twilio.open_twilio", lambda _section: account)
    found = found_in("line-type", write(folder, NUMBERS, settings=LOOKED_UP))
    return account, [f"{each.place.line} {each.level} {each.message}" for each in found]


@pytest.mark.parametrize(
    ("second", "doubt"),
    [
        pytest.param(line(), None, id="a landline"),
        pytest.param(line("nonFixedVoip"), None, id="over the internet"),
        pytest.param(line("mobile"), "a mobile number: a person would answer", id="a mobile"),
        pytest.param(line(valid=False), "no number of its country's plan", id="no number"),
    ],
)
def test_a_line_that_is_hardly_a_fax_is_doubted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: LineType, doubt: str | None
) -> None:
    lines = {"+12025550101": line(), "+12025550102": second}
    account, found = ask(tmp_path, monkeypatch, lines)
    assert found == ([f"18 warning +12025550102 is {doubt}"] if doubt else [])
    assert account.asked == ["+12025550101", "+12025550102"] and account.is_closed


def test_where_twilio_cannot_be_reached_no_other_number_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, found = ask(tmp_path, monkeypatch, {"+12025550102": line("mobile")})
    assert found == [
        "7 warning Twilio: Timeout: +12025550101 and the numbers after it were not looked up"
    ]
    assert account.asked == ["+12025550101"] and account.is_closed


def test_without_an_account_twilio_gets_no_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faxappeal.providers.twilio.open_twilio", pytest.fail)
    assert not found_in("line-type", write(tmp_path, NUMBERS))
