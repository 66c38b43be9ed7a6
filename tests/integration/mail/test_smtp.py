"""SMTP with a real server: certificates, passwords, mailboxes."""

from __future__ import annotations

from contextlib import closing

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import Accepted, Failed, Job
from faxappeal.providers.sign_in import Login
from faxappeal.providers.smtp import Smtp
from tests.cli.test_smtp import JOB
from tests.support.servers.mail import Mail


@pytest.mark.mail
def test_a_wrong_password_is_tried_once_and_stops(mail_server: Mail) -> None:
    smtp = Smtp(
        "localhost",
        mail_server.smtps,
        "tls",
        "appeals@example.org",
        Login("sender@lab.test", "wrong"),
        mail_server.ca_file,
    )
    with closing(smtp), pytest.raises(SetupError, match="535") as refused:
        smtp.submit(JOB, lambda: None)
    assert "wrong" not in str(refused.value)


@pytest.mark.mail
def test_starttls_on_a_real_server(mail_server: Mail) -> None:
    before = len(mail_server.messages("embassy"))
    smtp = Smtp(
        "localhost",
        mail_server.smtp,
        "starttls",
        "appeals@example.org",
        Login("sender@lab.test", "s3nd-pass"),
        mail_server.ca_file,
    )
    job = Job("fa-2", "embassy@example.org", b"Subject: dots\r\n\r\n.\r\n..\r\n.end\r\n")
    with closing(smtp):
        outcome = smtp.submit(job, lambda: None)
    assert isinstance(outcome, Accepted) and outcome.report.account_reference
    received = mail_server.wait_for("embassy", before + 1)[-1]
    assert received.message.get_content() == ".\r\n..\r\n.end\r\n"


@pytest.mark.mail
def test_an_unknown_mailbox_on_a_real_server(mail_server: Mail) -> None:
    smtp = Smtp(
        "localhost",
        mail_server.smtps,
        "tls",
        "appeals@example.org",
        Login("sender@lab.test", "s3nd-pass"),
        mail_server.ca_file,
    )
    with closing(smtp):
        outcome = smtp.submit(Job("fa-3", "nobody@example.org", JOB.document), lambda: None)
    assert isinstance(outcome, Failed) and outcome.cause is Cause.BOUNCE
