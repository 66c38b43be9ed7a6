"""`faxappeal check --online` against a real name server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_check import _today  # noqa: F401 - a fixture
from tests.support import servers
from tests.support.campaigns import run
from tests.support.checked import GOOD
from tests.support.servers.dns import Names

ZONES = {
    "example.org": "@ IN MX 10 ns\nonly.address IN A 127.0.0.1\nnothing IN TXT x",
    "example.com": "@ IN MX 0 .",
}


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        ("example.org", None),
        ("only.address.example.org", None),
        ("example.com", "example.com takes no mail (for one)"),
        ("nothing.example.org", "nothing.example.org has no mail server (for one)"),
        ("nowhere.example.org", "nowhere.example.org does not exist (for one)"),
        ("example.net", "example.net cannot be looked up, and no e-mail domain after it was"),
    ],
)
def test_online_asks_whether_a_domain_takes_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, domain: str, message: str | None
) -> None:
    """A real DNS server; without --online nobody is asked."""
    text = GOOD.replace('fax: "+12025550101"', f"email: office@{domain}")
    (tmp_path / "list.yaml").write_text(text)
    assert run("check", "--strict", "list.yaml", folder=tmp_path).code == 0
    with servers.needed("NSD"), servers.folder() as place, Names(place, ZONES) as names:
        monkeypatch.setattr("dns.resolver.default_resolver", names.resolver)
        ended = run("check", "--online", "--json", "list.yaml", folder=tmp_path)
    findings = ended.json["data"]["findings"]
    assert [(each["rule"], each["line"], each["column"], each["message"]) for each in findings] == (
        [("mail-domain", 7, 12, message)] if message else []
    )
    assert ended.code == 0, "advice"
