"""Which accounts are tried, with what, and what keeps one from being tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from faxappeal.commands.accounts import Tried, accounts, sign_in
from faxappeal.core.errors import ExitCode, SetupError
from faxappeal.core.finding import InvalidCampaign
from faxappeal.core.result import Result
from faxappeal.providers.base import Probe, Unreachable
from tests.support.commands import HYLAFAX, SMTP, Surroundings
from tests.support.fakes.null_account import QuietAccount
from tests.support.twilio_in_memory import CALLING, TABLE, MemoryTwilio

ACCOUNTS = "faxappeal.commands.accounts"
IMAP = '[email.imap]\nhost = "imap.example.org"\n'
GOOD = Probe("credentials", True, "accepted")
NOT_KNOWN = Probe("sender number", None, "not known before a fax is sent")
BAD = Probe("balance", False, "0.00 USD", "top it up")
ADVICE = Probe("SPF", None, "no record")


@dataclass(kw_only=True)
class Account(QuietAccount):
    """An account, or a mailbox, in which this is found."""

    found: Sequence[Probe] | Exception = (GOOD,)
    asked: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    is_open: bool = True

    def check(  # type: ignore[override]
        self, now: datetime | None = None, countries: frozenset[str] = frozenset()
    ) -> Iterator[Probe]:
        if now:
            self.asked.append((now, countries))
        if isinstance(self.found, Exception):
            raise self.found
        yield from self.found

    def close(self) -> None:
        self.is_open = False


@dataclass
class World:
    """The campaign, and what is behind the names of its accounts."""

    around: Surroundings
    known: dict[str, Account | SetupError]
    mailbox: Account | SetupError
    twilio: MemoryTwilio
    senders: list[str] = field(default_factory=list)  # whose domain was asked about

    def open(self, _settings: object, name: str) -> Account:
        account = self.known[name]
        if isinstance(account, SetupError):
            raise account
        return account

    def open_mailbox(self, _settings: object) -> Account:
        if isinstance(self.mailbox, SetupError):
            raise self.mailbox
        return self.mailbox

    def advice(self, sender: str) -> list[Probe]:
        self.senders.append(sender)
        return [ADVICE]

    def tried(self, settings: str) -> Result:
        self.around.write(
            "one +12025550101", "two +493023125012", "mail office@example.org", settings=settings
        )
        return accounts(self.around.folder, self.around.clock)


@pytest.fixture
def world(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> World:
    known: dict[str, Account | SetupError] = {"hylafax": Account(), "smtp": Account()}
    world = World(around, known, Account(), MemoryTwilio())
    monkeypatch.setattr(f"{ACCOUNTS}.open_account", world.open)
    monkeypatch.setattr(f"{ACCOUNTS}.open_mailbox", world.open_mailbox)
    monkeypatch.setattr(f"{ACCOUNTS}.advice", world.advice)
    world.twilio.use(monkeypatch, ACCOUNTS)
    return world


FAX = Tried("fax", "hylafax", (GOOD,))
EMAIL = Tried("email", "smtp", (GOOD, ADVICE))
MAILBOX = Tried("email", "imap", (GOOD,))
CHECKS = Tried("checks", "twilio", (GOOD,))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(HYLAFAX, [FAX], id="fax"),
        pytest.param(SMTP, [EMAIL], id="e-mail"),
        pytest.param(SMTP + IMAP, [EMAIL, MAILBOX], id="e-mail and its mailbox"),
        pytest.param(HYLAFAX + SMTP, [FAX, EMAIL], id="both"),
        pytest.param(TABLE, [CHECKS], id="checks of numbers alone"),
        pytest.param(HYLAFAX + SMTP + IMAP + TABLE, [FAX, EMAIL, MAILBOX, CHECKS], id="all"),
    ],
)
def test_each_account_of_the_settings_is_tried(
    world: World, settings: str, expected: list[Tried]
) -> None:
    result = world.tried(settings)
    assert list(result.data.accounts) == expected
    assert result.exit_code is ExitCode.OK


def test_a_campaign_without_an_account_says_what_to_write(world: World) -> None:
    with pytest.raises(SetupError, match="no account for fax is chosen"):
        world.tried("")


@pytest.mark.parametrize(
    ("found", "code"),
    [
        pytest.param([GOOD], ExitCode.OK, id="all is well"),
        pytest.param([GOOD, NOT_KNOWN], ExitCode.OK, id="something is not known"),
        pytest.param([GOOD, BAD], ExitCode.SETUP, id="something hinders"),
        pytest.param([], ExitCode.OK, id="nothing can be tried"),
    ],
)
def test_what_hinders_a_letter_is_an_error(
    world: World, found: list[Probe], code: ExitCode
) -> None:
    world.known["hylafax"] = Account(found=found)
    result = world.tried(HYLAFAX + SMTP)
    assert result.exit_code is code
    assert result.data.accounts[0].checks == tuple(found)


def test_what_keeps_an_account_from_being_tried_hinders_no_other(world: World) -> None:
    missing = SetupError("no password is known", "set it in .env")
    settings = Probe("settings", False, "no password is known", "set it in .env")
    world.known = {"hylafax": missing, "smtp": missing}
    world.mailbox = missing
    world.twilio.probes = missing
    result = world.tried(HYLAFAX + SMTP + IMAP + TABLE)
    assert [tried.checks for tried in result.data.accounts] == [
        (settings,), (settings, ADVICE), (settings,), (settings,),
    ]  # fmt: skip
    assert result.exit_code is ExitCode.SETUP and not world.twilio.is_open


def test_a_mailbox_that_cannot_be_reached_says_where_to_look(world: World) -> None:
    world.mailbox = Account(found=Unreachable("imap.example.org: no answer"))
    [_, mailbox] = world.tried(SMTP + IMAP).data.accounts
    assert mailbox.checks == (
        Probe(
            "connection",
            False,
            "imap.example.org: no answer",
            "look at [email.imap]: host, port and security",
        ),
    )
    assert not world.mailbox.is_open


def test_an_account_hears_the_countries_and_no_number(world: World) -> None:
    account = Account()
    world.known["hylafax"] = account
    world.tried(HYLAFAX)
    [(now, countries)] = account.asked
    assert countries == {"US", "DE"} and now.date() == world.around.clock.now().date()
    assert not account.is_open


def test_an_account_is_tried_while_the_list_is_being_edited(world: World) -> None:
    world.tried(HYLAFAX)
    (world.around.folder / "recipients.yaml").write_text("recipients: [", encoding="utf-8")
    assert list(accounts(world.around.folder, world.around.clock).data.accounts) == [FAX]
    (world.around.folder / "faxappeal.toml").write_text("oops", encoding="utf-8")
    with pytest.raises(InvalidCampaign):
        accounts(world.around.folder, world.around.clock)


@pytest.mark.parametrize(
    ("more", "sender"),
    [("", "appeals@example.org"), ('from = "post@example.net"\n', "post@example.net")],
)
def test_the_domain_of_the_address_that_sends_is_asked_about(
    world: World, more: str, sender: str
) -> None:
    world.tried(SMTP + more)
    assert world.senders == [sender]


@pytest.mark.parametrize(("table", "calls"), [(TABLE, False), (CALLING, True)])
def test_whether_it_may_call_is_tried_only_where_calls_are_turned_on(
    world: World, table: str, calls: bool
) -> None:
    world.tried(table)
    assert world.twilio.checked == [(frozenset({"US", "DE"}), calls)]
    assert not world.twilio.calls and not world.twilio.asked


# -- signing in --------------------------------------------------------------------------------------

MICROSOFT = '[email.microsoft]\nclient_id = "c"\n'


def test_who_signs_in_is_shown_where_and_with_which_code(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []

    def signed_in(table: object, user: str, show: object) -> None:
        asked.append((getattr(table, "client_id", ""), user))
        assert callable(show)
        show("https://login.example.org", "ABCD")

    monkeypatch.setattr("faxappeal.providers.microsoft.sign_in", signed_in)
    around.write("one +12025550101", settings=SMTP + 'username = "erika"\n' + MICROSOFT)
    shown: list[tuple[str, str]] = []
    sign_in(around.folder, lambda address, code: shown.append((address, code)))
    assert asked == [("c", "erika")]
    assert shown == [("https://login.example.org", "ABCD")]


@pytest.mark.parametrize(
    "settings",
    [HYLAFAX, SMTP, SMTP + MICROSOFT, SMTP + 'username = "erika"\n'],
    ids=["no e-mail", "another provider", "no user name", "no table of Microsoft's"],
)
def test_other_accounts_are_not_signed_in_to(around: Surroundings, settings: str) -> None:
    around.write("one +12025550101", settings=settings)
    with pytest.raises(SetupError, match="only Microsoft's mail accounts") as caught:
        sign_in(around.folder, lambda *_: pytest.fail("it is shown"))
    assert "[email.microsoft]" in caught.value.hint and "username" in caught.value.hint
