"""The accounts of a campaign: from its settings and secrets to a channel that can send."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from faxappeal.campaign import settings as campaign_settings
from faxappeal.campaign.settings import Settings
from faxappeal.core.errors import SetupError
from faxappeal.delivery.accounts import Accounts, account_name, open_account, open_mailbox
from faxappeal.providers.imap import Mailbox
from faxappeal.providers.sign_in import Login
from faxappeal.providers.smtp import Smtp
from tests.support.campaigns import SETTINGS

SINCH = '[fax]\naccount = "sinch"\n[fax.sinch]\nproject_id = "p"\nkey_id = "k"\n'
SMTP = '[email]\naccount = "smtp"\n[email.smtp]\nhost = "mail.example.org"\n'
IMAP = '[email.imap]\nhost = "imap.example.org"\n'
USER = 'username = "erika"\n'


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "FAX__SINCH__KEY_SECRET": "sinch-secret",
        "EMAIL__SMTP__PASSWORD": "smtp-secret",
    }.items():
        monkeypatch.setenv(f"FAXAPPEAL_{name}", value)


def settings(text: str = "") -> Settings:
    values, wrong = campaign_settings.read(SETTINGS + text)
    assert values, wrong
    return values


# -- which account -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "channel", "name"), [(SINCH, "fax", "sinch"), (SMTP, "email", "smtp")]
)
def test_letters_of_a_channel_go_through_its_account(text: str, channel: str, name: str) -> None:
    assert account_name(settings(text), channel) == name


@pytest.mark.parametrize(("text", "channel"), [(SMTP, "fax"), (SINCH, "email")])
def test_a_channel_without_an_account_says_where_to_choose_one(text: str, channel: str) -> None:
    with pytest.raises(SetupError, match=f"no account for {channel} is chosen") as caught:
        account_name(settings(text), channel)
    assert caught.value.hint == f'add account = "…" to [{channel}] in faxappeal.toml'


def test_a_fax_account_is_opened_with_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_account(settings(SINCH), "sinch").name == "sinch"


@pytest.mark.parametrize(
    ("name", "table"),
    [("sinch", "fax.sinch"), ("hylafax", "fax.hylafax"), ("paper", "fax.paper"), ("smtp", "email.smtp")],
)  # fmt: skip
def test_an_account_without_a_table_says_which_one_is_missing(name: str, table: str) -> None:
    """Also one that is named like another key of [fax]."""
    with pytest.raises(SetupError, match="settings are missing") as caught:
        open_account(settings(), name)
    assert f"[{table}]" in caught.value.message and caught.value.hint == f"add [{table}]"


def test_an_account_without_its_secret_says_where_to_put_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FAXAPPEAL_FAX__SINCH__KEY_SECRET")
    with pytest.raises(SetupError, match=r"no fax\.sinch\.key_secret is known"):
        open_account(settings(SINCH), "sinch")


# -- e-mail ------------------------------------------------------------------------------------------


def smtp(text: str) -> Smtp:
    channel = open_account(settings(text), "smtp")
    assert isinstance(channel, Smtp)
    return channel


@pytest.mark.parametrize(
    ("line", "sender"),
    [("", "appeals@example.org"), ('from = "letters@example.org"\n', "letters@example.org")],
    ids=["the sender", "an address of its own"],
)
def test_who_an_email_is_from(line: str, sender: str) -> None:
    assert smtp(SMTP + line).sender == sender


@pytest.mark.parametrize(
    ("text", "copy_to"),
    [
        ("", None),
        (IMAP, "appeals@example.org"),
        (f"{IMAP}copy_to_self = false\n", None),
    ],
    ids=["no mailbox", "a mailbox", "no copies wanted"],
)
def test_a_copy_goes_to_the_mailbox_that_is_read(text: str, copy_to: str | None) -> None:
    assert smtp(SMTP + text).copy_to == copy_to


@pytest.mark.parametrize(
    ("line", "login"),
    [("", None), (USER, Login("erika", "smtp-secret"))],
    ids=["no user name", "a user name"],
)
def test_a_mail_server_is_signed_in_to_where_a_name_is_set(line: str, login: Login | None) -> None:
    assert smtp(SMTP + line).login == login


def test_a_token_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAXAPPEAL_EMAIL__SMTP__TOKEN", "bearer")
    assert smtp(SMTP + USER).login == Login("erika", "bearer", is_token=True)


MICROSOFT = '[email.microsoft]\nclient_id = "an-id"\n'


def test_microsofts_token_is_for_the_user_of_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "faxappeal.providers.microsoft.token", lambda table, user: f"{table.client_id} for {user}"
    )
    assert smtp(SMTP + USER + MICROSOFT).login == Login("erika", "an-id for erika", is_token=True)


# -- the mailbox -------------------------------------------------------------------------------------


def mailbox(text: str) -> Mailbox:
    opened = open_mailbox(settings(text))
    assert opened
    return opened


def test_without_a_table_there_is_no_mailbox() -> None:
    assert open_mailbox(settings(SMTP + USER)) is None


@pytest.mark.parametrize(
    ("text", "variables", "login"),
    [
        (SMTP + USER + IMAP, {}, Login("erika", "smtp-secret")),
        (SMTP + USER + IMAP + USER, {}, Login("erika", "smtp-secret")),
        (SMTP + USER + IMAP + USER, {"PASSWORD": "other"}, Login("erika", "other")),
        (SMTP + USER + IMAP, {"TOKEN": "bearer"}, Login("erika", "bearer", is_token=True)),
        (
            SMTP + USER + IMAP + 'username = "box"\n',
            {"PASSWORD": "other"},
            Login("box", "other"),
        ),
        (IMAP + 'username = "box"\n', {"PASSWORD": "other"}, Login("box", "other")),
    ],
    ids=[
        *("as for sending", "the same name", "a password of its own", "a token of its own"),
        *("another user", "no mail server"),
    ],
)
def test_how_the_mailbox_is_signed_in_to(
    monkeypatch: pytest.MonkeyPatch, text: str, variables: dict[str, str], login: Login
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"FAXAPPEAL_EMAIL__IMAP__{name}", value)
    opened = mailbox(text)
    assert opened.login == login and opened.host == "imap.example.org"


def test_the_senders_password_is_not_given_to_another_users_mailbox() -> None:
    with pytest.raises(SetupError, match=r"no email\.imap\.password is known"):
        open_mailbox(settings(SMTP + USER + IMAP + 'username = "box"\n'))


@pytest.mark.parametrize("text", [IMAP, SMTP + IMAP], ids=["no mail server", "no name anywhere"])
def test_a_mailbox_needs_a_user_name(text: str) -> None:
    with pytest.raises(SetupError, match=r"email\.imap\.username is missing") as caught:
        open_mailbox(settings(text))
    assert "[email.smtp] for both" in caught.value.hint


# -- in a long run -----------------------------------------------------------------------------------


class LongRun:
    """Accounts, the time that passes, and the password as the keyring has it at that time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.minutes = 0.0
        self.password: str | None = "first"
        self.closed: list[object] = []
        timer = SimpleNamespace(monotonic=lambda: self.minutes * 60)
        monkeypatch.setattr("faxappeal.delivery.accounts.time", timer)
        monkeypatch.setattr("faxappeal.delivery.accounts.secret", self._secret)
        monkeypatch.setattr(Smtp, "close", lambda channel: self.closed.append(channel))
        self.accounts = Accounts(settings(SMTP + USER))

    def _secret(self, *_: object) -> str:
        if self.password is None:
            raise SetupError("no email.smtp.password is known")
        return self.password

    def channel(self) -> Smtp:
        channel = self.accounts("smtp")
        assert isinstance(channel, Smtp) and channel.login
        return channel

    def used(self) -> str:
        """The password that a letter goes with."""
        login = self.channel().login
        assert login
        return login.secret


@pytest.fixture
def long_run(monkeypatch: pytest.MonkeyPatch) -> LongRun:
    return LongRun(monkeypatch)


def test_an_account_is_opened_once(long_run: LongRun) -> None:
    first = long_run.channel()
    long_run.minutes, long_run.password = 29, "second"
    assert long_run.channel() is first and not long_run.closed


def test_an_account_is_opened_again_before_a_token_expires(long_run: LongRun) -> None:
    first = long_run.channel()
    long_run.minutes, long_run.password = 31, "second"
    assert long_run.used() == "second" and long_run.closed == [first]
    long_run.minutes, long_run.password = 60, "third"
    assert long_run.used() == "second", "the half hour begins again"


def test_a_keyring_that_was_locked_meanwhile_hinders_nothing(long_run: LongRun) -> None:
    first = long_run.channel()
    long_run.minutes, long_run.password = 31, None
    assert long_run.channel() is first and not long_run.closed
    long_run.minutes, long_run.password = 62, "second"
    assert long_run.used() == "second" and long_run.closed == [first]


def test_an_account_that_cannot_be_opened_at_first_says_why(long_run: LongRun) -> None:
    long_run.password = None
    with pytest.raises(SetupError, match="no email"):
        long_run.accounts("smtp")
    long_run.password = "found"
    assert long_run.used() == "found"


def test_closed_accounts_can_be_used_again_with_the_secrets_of_then(long_run: LongRun) -> None:
    first = long_run.channel()
    long_run.password = "second"
    long_run.accounts.close()
    assert long_run.closed == [first]
    long_run.accounts.close()
    assert long_run.closed == [first]
    assert long_run.used() == "second"
