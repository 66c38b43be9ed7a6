"""The tables of faxappeal.toml: their defaults, and what they refuse."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from faxappeal.config.fields import Section
from faxappeal.config.sections import (
    CampaignSection,
    EmailSection,
    FaxSection,
    ImapAccount,
    LedgerSection,
    MicrosoftSignIn,
    Pacing,
    Publish,
    Sender,
    SendersSection,
    SmtpAccount,
    TwilioSection,
    WebdavFolder,
)

BEIJING = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
SID = "AC" + "0" * 32
SENDER = {"name": "Erika Mustermann", "phone": "+49 30 23125 012", "email": "erika@example.org"}
WEB = {"media_url": "https://www.example.org/faxes"}
WEBDAV = {"url": "https://cloud.example.org/dav", "username": "erika"}


def at(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def refusal(section: type[Section], values: dict[str, Any]) -> str:
    """Why a table with these values is refused, and where."""
    with pytest.raises(ValidationError) as refused:
        section.model_validate(values)
    return "; ".join(
        f"{'.'.join(str(key) for key in error['loc'])}: {error['msg']}"
        for error in refused.value.errors()
    )


@pytest.mark.parametrize(
    ("section", "values", "reason"),
    [
        pytest.param(CampaignSection, {}, "id: Field required", id="campaign without id"),
        *(
            pytest.param(CampaignSection, {"id": name}, "id: ", id=f"campaign {name[:9]!r}")
            for name in ("", "Appeal", "-a", "a b", "a_b", "a/b", "a\n", "a" * 62)
        ),
        pytest.param(
            CampaignSection, {"id": "a", "date": "2026-02-30"}, "date: ", id="no such day"
        ),
        pytest.param(Sender, SENDER | {"phone": "030 23125 012"}, "phone: ", id="national phone"),
        pytest.param(Sender, SENDER | {"email": "erika"}, "not an e-mail address", id="no mailbox"),
        pytest.param(Sender, SENDER | {"name": "a\nb"}, "control character", id="name of two lines"),
        pytest.param(Sender, SENDER | {"name": " "}, "name: ", id="empty name"),
        pytest.param(Sender, SENDER | {"fax": "none"}, "fax: ", id="fax that is none"),
        pytest.param(Sender, SENDER | {"fone": "x"}, "fone: Extra", id="misspelt key"),
        pytest.param(FaxSection, {"resolution": "superfine"}, "resolution: ", id="resolution"),
        pytest.param(FaxSection, {"paper": "a5"}, "paper: ", id="paper"),
        pytest.param(FaxSection, {"fonts": ["a\tb.ttf"]}, "fonts.0: ", id="name of a font"),
        pytest.param(
            SmtpAccount,
            {"host": "mail.example.org", "security": "none"},
            "must be tls or starttls outside this machine",
            id="mail in plain text",
        ),
        pytest.param(
            SmtpAccount, {"host": "mail.example.org", "from": "erika"}, "from: ", id="no sender"
        ),
        pytest.param(
            ImapAccount, {"host": "127.0.0.1", "security": "none"}, "security: ", id="mailbox in plain text"
        ),
        pytest.param(
            MicrosoftSignIn, {"client_id": "a", "tenant": "a/b"}, "tenant: ", id="tenant with a path"
        ),
        pytest.param(
            MicrosoftSignIn,
            {"client_id": "a", "authority": "https://login.example.org"},
            "must be at login.microsoftonline.com",
            id="sign-in elsewhere",
        ),
        pytest.param(EmailSection, {"account": "imap"}, "account: ", id="no such account"),
        pytest.param(Pacing, {"hours": "8-20"}, "hours are written as", id="hours"),
        pytest.param(Pacing, {"days": "monday"}, "days are written as", id="days"),
        pytest.param(Pacing, {"give_up_after": "a week"}, "a duration is written", id="duration"),
        pytest.param(Pacing, {"attempts": 0}, "attempts: ", id="no attempt"),
        pytest.param(Pacing, {"attempts": 11}, "attempts: ", id="too many attempts"),
        pytest.param(Publish, WEB, "needs one of folder, webdav and command", id="no way"),
        pytest.param(
            Publish,
            WEB | {"folder": "/srv", "webdav": WEBDAV},
            "needs one of folder, webdav and command",
            id="two ways",
        ),
        pytest.param(
            Publish, WEB | {"command": "put {name}"}, "belong together", id="nothing removes it"
        ),
        pytest.param(
            Publish,
            WEB | {"folder": "/srv", "remove_command": "rm {name}"},
            "belong together",
            id="nothing brings it there",
        ),
        pytest.param(
            Publish,
            WEB | {"command": "put", "remove_command": "rm {name}"},
            ": Value error, command must say {name}",
            id="command without the name",
        ),
        pytest.param(
            Publish,
            WEB | {"command": "put {name}", "remove_command": "rm *"},
            "remove_command must say {name}",
            id="removal without the name",
        ),
        pytest.param(
            Publish,
            {"media_url": "http://www.example.org/", "folder": "/srv"},
            "media_url: ",
            id="published in plain text",
        ),
        pytest.param(WebdavFolder, {"url": WEBDAV["url"]}, "username: ", id="folder of no user"),
        pytest.param(TwilioSection, {"account_sid": "AC1"}, "account_sid: ", id="short account"),
        pytest.param(
            TwilioSection,
            {"account_sid": SID, "url": "https://twilio.example.org"},
            "must be at twilio.com",
            id="key goes elsewhere",
        ),
        pytest.param(SendersSection, {"mode": "all"}, "mode: ", id="mode"),
        pytest.param(SendersSection, {"names": 2001}, "names: ", id="too many names"),
        pytest.param(SendersSection, {"names": -1}, "names: ", id="fewer than no names"),
        pytest.param(LedgerSection, {"url": "mysql://h/d"}, "must be sqlite:///", id="ledger"),
    ],
)  # fmt: skip
def test_a_table_is_refused_with_the_reason(
    section: type[Section], values: dict[str, Any], reason: str
) -> None:
    assert reason in refusal(section, values)


@pytest.mark.parametrize(
    ("section", "values"),
    [
        pytest.param(CampaignSection, {"id": "appeal-2026"}, id="campaign"),
        pytest.param(SmtpAccount, {"host": "localhost", "security": "none"}, id="mail by name"),
        pytest.param(SmtpAccount, {"host": "::1", "security": "none"}, id="mail by address"),
        pytest.param(SmtpAccount, {"host": "m.example.org", "security": "starttls"}, id="starttls"),
        pytest.param(MicrosoftSignIn, {"client_id": "a", "tenant": "example.org"}, id="tenant"),
        pytest.param(Publish, WEB | {"folder": "/srv/www"}, id="published in a folder"),
        pytest.param(Publish, WEB | {"webdav": WEBDAV}, id="published by WebDAV"),
        pytest.param(
            Publish,
            WEB | {"command": "put {name}", "remove_command": "rm {name}"},
            id="published by a command",
        ),
        pytest.param(TwilioSection, {"account_sid": SID}, id="account of Twilio"),
        pytest.param(LedgerSection, {"url": "postgresql://u@h/d"}, id="ledger"),
    ],
)
def test_a_table_is_taken(section: type[Section], values: dict[str, Any]) -> None:
    section.model_validate(values)


@pytest.mark.parametrize(
    ("table", "defaults"),
    [
        (FaxSection(), {"account": None, "resolution": "fine", "paper": "a4", "fonts": ()}),
        (SmtpAccount(host="h"), {"port": 465, "security": "tls", "from_": None}),
        (ImapAccount(host="h"), {"port": 993, "security": "tls", "copy_to_self": True}),
        (EmailSection(), {"account": None, "pdf": True}),
        (
            Pacing(),
            {
                "hours": "08:00-20:00",
                "days": "mon-fri",
                "per_number_gap": timedelta(minutes=5),
                "attempts": 5,
                "give_up_after": timedelta(days=7),
                "holidays": True,
            },
        ),
        (TwilioSection(account_sid=SID), {"allow_calls": False, "url": "https://api.twilio.com"}),
        (SendersSection(), {"mode": "joint", "names": 200}),
        (LedgerSection(), {"url": None, "documents": None}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Section) else "",
)
def test_what_is_not_written_has_a_default(table: Section, defaults: dict[str, Any]) -> None:
    assert {name: getattr(table, name) for name in defaults} == defaults


def test_a_key_that_is_a_word_of_python_is_written_as_it_is() -> None:
    smtp = SmtpAccount.model_validate({"host": "h", "from": "Appeals@EXAMPLE.org"})
    assert smtp.from_ == "Appeals@example.org"
    twilio = TwilioSection.model_validate({"account_sid": SID, "from": "+1 (202) 555-0101"})
    assert twilio.from_ == "+12025550101"


@pytest.mark.parametrize(
    ("values", "identity"),
    [
        pytest.param({}, "erika@example.org", id="by address"),
        pytest.param({"email": "Erika@EXAMPLE.org"}, "erika@example.org", id="in any case"),
        pytest.param({"name": "E. Mustermann"}, "erika@example.org", id="whatever the name is"),
        pytest.param({"id": "Berlin-Group"}, "berlin-group", id="by an id"),
    ],
)
def test_a_sender_is_the_same_however_the_name_is_spelt(
    values: dict[str, str], identity: str
) -> None:
    assert Sender.model_validate(SENDER | values).identity == identity


def test_the_table_of_an_account_is_found_by_its_name() -> None:
    class Accounts(FaxSection):
        twilio: TwilioSection | None = None

    twilio = TwilioSection(account_sid=SID)
    assert Accounts(twilio=twilio).table("twilio") == twilio
    assert Accounts().table("twilio") is None
    assert FaxSection().table("hylafax") is None


def test_a_secret_is_not_shown_with_its_table() -> None:
    smtp = SmtpAccount.model_validate({"host": "h", "password": "hunter2", "token": "hunter3"})
    assert "hunter" not in repr(smtp) + str(smtp.model_dump()) + smtp.model_dump_json()


def test_a_table_does_not_change() -> None:
    pacing = Pacing()
    with pytest.raises(ValidationError, match="frozen"):
        pacing.attempts = 9


# -- pacing ------------------------------------------------------------------------------------


def test_the_holidays_of_a_country_can_be_left_out() -> None:
    christmas = at("2026-12-25 09:00", BERLIN)
    assert Pacing().next_open(christmas, BERLIN, "DE") == at("2026-12-28 08:00", BERLIN)
    assert Pacing(holidays=False).next_open(christmas, BERLIN, "DE") == christmas


@pytest.mark.parametrize(
    ("values", "moment", "opens"),
    [
        pytest.param({}, "2026-11-24 09:00", "2026-11-24 09:00", id="open"),
        pytest.param({}, "2026-11-24 21:00", "2026-11-25 08:00", id="in the evening"),
        pytest.param({"days": "wed"}, "2026-11-24 09:00", "2026-11-25 08:00", id="other days"),
        pytest.param(
            {"hours": "10:00-12:00"}, "2026-11-24 09:00", "2026-11-24 10:00", id="other hours"
        ),
    ],
)
def test_a_fax_rings_in_the_hours_that_are_written(
    values: dict[str, str], moment: str, opens: str
) -> None:
    pacing = Pacing.model_validate(values)
    assert pacing.next_open(at(moment, BEIJING), BEIJING, "CN") == at(opens, BEIJING)


def test_a_fax_rings_until_the_recipients_office_closes() -> None:
    here = at("2026-11-24 09:00", BERLIN)
    assert Pacing(hours="08:00-17:30").closing(here, BEIJING) == at("2026-11-24 17:30", BEIJING)


def test_durations_and_files_are_read_as_such() -> None:
    pacing = Pacing.model_validate({"per_number_gap": "90s", "give_up_after": "2d"})
    assert (pacing.per_number_gap, pacing.give_up_after) == (timedelta(0, 90), timedelta(2))
    ledger = LedgerSection.model_validate({"ca_file": "ca.pem", "documents": "/srv/letters"})
    assert (ledger.ca_file, ledger.documents) == (Path("ca.pem"), Path("/srv/letters"))
