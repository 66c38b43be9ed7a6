"""The mail fixture at work."""

from __future__ import annotations

import smtplib
import ssl

import pytest

from tests.support.servers.mail import Mail

pytestmark = pytest.mark.mail


def context(server: Mail) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(server.ca_file))


def test_a_message_arrives_in_the_mailbox_of_an_alias(mail_server: Mail) -> None:
    before = len(mail_server.messages("embassy"))
    with smtplib.SMTP_SSL(
        "localhost", mail_server.smtps, "localhost", context=context(mail_server)
    ) as smtp:
        smtp.login("sender@lab.test", "s3nd-pass")
        smtp.sendmail("sender@lab.test", "embassy@example.org", "Subject: fixture\r\n\r\nhello\r\n")
    received = mail_server.wait_for("embassy", before + 1)[-1]
    assert received.message["Subject"] == "fixture"


def test_nobody_is_let_in_without_tls_or_with_a_wrong_password(mail_server: Mail) -> None:
    with smtplib.SMTP("localhost", mail_server.smtp, "localhost") as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth") and smtp.has_extn("starttls")
        smtp.starttls(context=context(mail_server))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("sender@lab.test", "wrong")


def test_nothing_leaves_the_machine(mail_server: Mail) -> None:
    with smtplib.SMTP_SSL(
        "localhost", mail_server.smtps, "localhost", context=context(mail_server)
    ) as smtp:
        smtp.login("sender@lab.test", "s3nd-pass")
        assert smtp.mail("sender@lab.test")[0] == 250
        code, _ = smtp.rcpt("nobody@example.com")
        assert code == 550
