"""`faxappeal accounts` with a real mail server, a mailbox and the sender's domain."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_accounts import _right_time, checks  # noqa: F401 - a fixture
from tests.support import servers
from tests.support.campaigns import run, write
from tests.support.servers.dns import Names
from tests.support.servers.mail import Mail


@pytest.mark.mail
def test_mail(tmp_path: Path, mail_server: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = (
        f'\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "localhost"\nport = {mail_server.smtps}\n'
        f'username = "sender@lab.test"\nca_file = "{mail_server.ca_file}"\n'
    )
    folder = write(tmp_path, settings=settings)
    monkeypatch.setenv("FAXAPPEAL_EMAIL__SMTP__PASSWORD", "s3nd-pass")
    before = len(mail_server.messages("embassy"))
    ended = run("accounts", "--json", folder=folder)
    assert ended.code == 0 and "inside TLS" in checks(ended)["connection"]["words"]
    monkeypatch.setenv("FAXAPPEAL_EMAIL__SMTP__PASSWORD", "wrong")
    ended = run("accounts", "--json", folder=folder)
    assert ended.code == 5 and "535" in checks(ended)["settings"]["words"]
    assert len(mail_server.messages("embassy")) == before


@pytest.mark.mail
def test_a_mailbox(tmp_path: Path, mail_server: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = (
        f'\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "localhost"\nport = {mail_server.smtps}\n'
        f'username = "sender@lab.test"\nca_file = "{mail_server.ca_file}"\n'
        f'[email.imap]\nhost = "localhost"\nport = {mail_server.imaps}\n'
    )
    monkeypatch.setenv("FAXAPPEAL_EMAIL__SMTP__PASSWORD", "s3nd-pass")
    for ca_file, ok, words in (
        (f'ca_file = "{mail_server.ca_file}"\n', True, "sent mail: Sent"),
        ("", False, "no safe connection to the mailbox"),
        (f'ca_file = "{mail_server.ca_file}"\nusername = "x@lab.test"\n', False, "no email.imap"),
        ('host = "127.0.0.1"\n', False, "connection"),
    ):
        changed = (
            settings if "host" not in ca_file else settings.replace(str(mail_server.imaps), "1")
        )
        more = ca_file if "host" not in ca_file else ""
        ended = run("accounts", "--json", folder=write(tmp_path, settings=changed + more))
        assert ended.code == (0 if ok else 5)
        [mailbox] = [a for a in ended.json["data"]["accounts"] if a["account"] == "imap"]
        assert mailbox["checks"][-1]["ok"] is ok
        assert words in str(mailbox["checks"]) and "s3nd-pass" not in ended.out
    smtp = ended.json["data"]["accounts"][0]["checks"]
    assert "(DSN)" in str(smtp)


ZONES = {
    "example.org": '@ IN TXT "v=spf1 ip4:192.0.2.1 -all"\n_dmarc IN TXT "v=DMARC1; p=reject"',
    "example.com": '@ IN TXT "v=spf1 a b c"',
}


@pytest.mark.mail
@pytest.mark.parametrize(
    ("domain", "spf", "dmarc"),
    [
        ("example.org", "says which servers", "refuse what is forged"),
        ("example.com", "cannot be read", "has none"),
        ("none.example.org", "does not exist", ""),
        ("example.net", "cannot be looked up", ""),
    ],
)
def test_the_senders_domain(
    tmp_path: Path,
    mail_server: Mail,
    monkeypatch: pytest.MonkeyPatch,
    domain: str,
    spf: str,
    dmarc: str,
) -> None:
    """Advice: it never fails the command."""
    settings = (
        f'\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "localhost"\nport = {mail_server.smtps}\n'
        f'username = "sender@lab.test"\nca_file = "{mail_server.ca_file}"\nfrom = "a@{domain}"\n'
    )
    monkeypatch.setenv("FAXAPPEAL_EMAIL__SMTP__PASSWORD", "s3nd-pass")
    folder = write(tmp_path, settings=settings)
    with servers.needed("NSD"), servers.folder() as place, Names(place, ZONES) as names:
        monkeypatch.setattr("dns.resolver.default_resolver", names.resolver)
        ended = run("accounts", "--json", folder=folder)
    assert ended.code == 0
    told = {name: check["words"] for name, check in checks(ended).items()}
    assert spf in told.get("SPF", told.get("domain", ""))
    assert dmarc in told.get("DMARC", "")
