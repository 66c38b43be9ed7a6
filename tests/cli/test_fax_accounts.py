"""Every fax account through every fate: the right state, cause and next step, and nothing doubled."""

from __future__ import annotations

import io
import ssl
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import ModuleType

import pytest
import trustme
from PIL import Image

from faxappeal.providers import fax
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import fax_accounts
from tests.support.fakes.web import Reply, Request
from tests.support.servers.pages import pixels

PROVIDERS = fax_accounts()


def test_every_account_has_a_stand_in_or_is_here_itself() -> None:
    assert {*PROVIDERS, "hylafax"} == set(fax.names())


# how it ends -> state, cause, and the exit code
FATES: Mapping[str, tuple[str, str | None, int]] = {
    "busy": ("waiting", "busy", 3),
    "no answer": ("waiting", "no-answer", 3),
    "voice": ("held", "voice", 3),
    "hung up at once": ("waiting", "line", 3),
    "dropped": ("unknown", None, 4),  # when, nobody says, and the receipt may be what was lost
    "bad number": ("failed", "bad-number", 3),
    "not allowed": ("waiting", "account", 5),
    "bad document": ("failed", "document", 3),
    "after a page": ("unknown", None, 4),
    "no reason": ("unknown", None, 4),
    "odd code": ("unknown", None, 4),
    "odd word": ("unknown", None, 4),
}
CASES = [(name, fate) for name, provider in PROVIDERS.items() for fate in provider.FATES]


def state_and_cause(folder: Path) -> tuple[str, str | None]:
    [found] = run("status", "--offline", "--json", folder=folder).json["data"]["deliveries"]
    return found["state"], found["cause"]


@pytest.mark.parametrize(("name", "fate"), CASES)
def test_each_fate_has_its_state_its_cause_and_its_next_step(
    tmp_path: Path, provider: ModuleType, name: str, fate: str, clock: FakeClock
) -> None:
    state, cause, code = getattr(provider, "SAID", {}).get(fate, FATES[fate])
    with provider.start(tmp_path, endings={"0101": provider.FATES[fate]}) as account:
        folder = write(tmp_path / "c", settings=provider.settings(account))
        run("send", "--yes", "--no-wait", folder=folder)
        for _ in range(3):
            clock.sleep(20)
            ended = run("status", folder=folder)
        assert state_and_cause(folder) == (state, cause), run("log", folder=folder).out
        assert ended.code == (code if code != 5 else 3)

        clock.sleep(2 * 24 * 3600)
        account.endings.clear()
        again = run("send", "--yes", folder=folder)
        told = {"waiting": "delivered", "held": "held: voice", "unknown": "it may have arrived"}
        assert told.get(state, state) in again.out
        assert len(account.faxes) == (2 if state == "waiting" else 1)


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_account_gets_the_page_that_was_kept_dot_for_dot_and_forgets_it(
    tmp_path: Path, provider: ModuleType, name: str, nobody: Path
) -> None:
    with provider.start(tmp_path) as account:
        folder = write(tmp_path / "c", settings=provider.settings(account))
        assert run("send", "--yes", folder=folder).code == 0
    [document] = account.documents
    log = run("log", "--json", folder=folder).lines
    [kept] = {event["document"] for event in log} - {None}
    tiff = (nobody / "data" / "faxappeal" / "documents" / kept).read_bytes()
    assert pixels(document) == Image.open(io.BytesIO(tiff)).convert("1").tobytes()
    assert "not-forgotten" not in {event["event"] for event in log}
    if account.counts_pages:
        assert [event["pages"] for event in log if event["event"] == "delivered"] == [1]
    assert account.kept() == 0


FORGETTING = [name for name, provider in PROVIDERS.items() if name != "interfax"]


@pytest.mark.parametrize("how", ["the account fails", "killed before"])
@pytest.mark.parametrize("name", FORGETTING)
def test_what_was_not_forgotten_is_forgotten_by_the_next_run(
    tmp_path: Path, provider: ModuleType, name: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from faxappeal.delivery.provider_cleanup import ProviderCleanup

    with provider.start(tmp_path) as account:
        folder = write(tmp_path / "c", settings=provider.settings(account))
        if how == "killed before":
            with monkeypatch.context() as patched:
                patched.setattr(ProviderCleanup, "attempt", lambda *_: None)
                run("send", "--yes", folder=folder)
        elif name == "signalwire":
            with monkeypatch.context() as patched:  # root may delete in any folder
                patched.setattr(Path, "unlink", raise_permission_error)
                run("send", "--yes", folder=folder)
        else:
            account.first = lambda asked: Reply(503) if asked.method == "DELETE" else None
            run("send", "--yes", folder=folder)
            run("send", "--yes", folder=folder)
            account.first = lambda _request: None
        assert state_and_cause(folder)[0] == "delivered" and account.kept() == 1
        run("send", "--yes", folder=folder)
        assert account.kept() == 0
        told = [event["event"] for event in run("log", "--json", folder=folder).lines]
        assert told.count("forgotten") == 1
        assert told.count("not-forgotten") == (how == "the account fails"), "once is enough"
        assert len(account.faxes) == 1


def raise_permission_error(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("name", PROVIDERS)
def test_what_a_fax_cost_is_kept_where_the_account_tells(
    tmp_path: Path, provider: ModuleType, name: str
) -> None:
    told = {"sinch": "0.07 USD", "interfax": "0.11", "signalwire": "0.05 USD"}.get(name)
    with provider.start(tmp_path) as account:
        folder = write(tmp_path / "c", settings=provider.settings(account))
        run("send", "--yes", folder=folder)
    prices = [event["price"] for event in run("log", "--json", folder=folder).lines]
    assert set(prices) - {None} == ({told} if told else set())
    assert not told or told in run("log", folder=folder).out


# each status has its cause in tests/unit/providers: here is what a run makes of a cause
REFUSALS = {401: "account", 422: "refused", 429: "provider"}


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("name", PROVIDERS)
def test_a_refused_request_made_no_fax_and_has_its_cause(
    tmp_path: Path, provider: ModuleType, name: str, status: int
) -> None:
    with provider.start(tmp_path, before=lambda _request: Reply(status)) as account:
        recipients = ["one +12025550101", "two +12025550102"]
        folder = write(tmp_path / "c", recipients, settings=provider.settings(account))
        ended = run("send", "--yes", "--no-wait", "--json", folder=folder)
    one, two = ended.json["data"]["deliveries"]
    assert one["cause"] == REFUSALS[status] and not account.faxes
    if REFUSALS[status] == "account":
        assert ended.code == 5 and account.submissions == 1, "the run stops"
        assert two["state"] == "planned"
    else:
        assert one["state"] == {"refused": "failed", "provider": "waiting"}[one["cause"]]
        assert ended.code == 3 and account.submissions == 2, "the others still go out"


def cut(_request: Request) -> Reply:
    return Reply(cut=True)


AFTER: Mapping[str, Callable[[Request], Reply]] = {
    "cut": cut,
    "500": lambda _request: Reply(500),
    "409": lambda _request: Reply(409),
    "redirect": lambda _request: Reply(302, headers=(("Location", "http://127.0.0.1:9/12345"),)),
    "garbage": lambda _request: Reply(200, b"<html>welcome</html>"),
    "empty": lambda _request: Reply(200, b""),
}


@pytest.mark.parametrize("way", AFTER)
@pytest.mark.parametrize("name", PROVIDERS)
def test_an_answer_that_got_lost_after_acceptance_never_makes_a_second_fax(
    tmp_path: Path, provider: ModuleType, name: str, way: str
) -> None:
    with provider.start(tmp_path, after=AFTER[way]) as account:
        folder = write(tmp_path / "c", settings=provider.settings(account))
        run("send", "--yes", folder=folder)
        account.after = lambda _request: None
        run("send", "--yes", folder=folder)
        assert state_and_cause(folder)[0] == ("delivered" if account.supports_lookup else "unknown")
        assert len(account.faxes) == 1 and account.submissions == 1


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_answer_that_comes_too_late_is_not_waited_for_and_made_one_fax(
    tmp_path: Path, provider: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faxappeal.providers.http.TIMEOUT", (1.0, 0.3))
    given_up = threading.Event()

    def slowly(_request: Request) -> None:
        given_up.wait()

    with provider.start(tmp_path, after=slowly) as account:
        folder = write(tmp_path / "c", settings=provider.settings(account))
        run("send", "--yes", "--no-wait", folder=folder)
        given_up.set()
        run("send", "--yes", folder=folder)
        assert state_and_cause(folder)[0] == ("delivered" if account.supports_lookup else "unknown")
        assert len(account.faxes) == 1 and account.submissions == 1


@pytest.mark.parametrize(("seconds", "state"), [(30, "delivered"), (300, "unknown")])
@pytest.mark.parametrize("name", [name for name in PROVIDERS if name != "signalwire"])
def test_a_fax_that_is_listed_late_is_found_within_the_settling_time_and_never_sent_again(
    tmp_path: Path, provider: ModuleType, name: str, seconds: int, state: str, clock: FakeClock
) -> None:
    with provider.start(tmp_path, after=cut, lists_after=seconds) as account:
        account.now = lambda: clock.now().timestamp()
        folder = write(tmp_path / "c", settings=provider.settings(account))
        run("send", "--yes", folder=folder)
        assert state_and_cause(folder)[0] == state
        clock.sleep(600)
        run("send", "--yes", folder=folder)
        assert state_and_cause(folder)[0] == state and len(account.faxes) == 1


@pytest.mark.parametrize("form", ["seconds", "date", "rubbish"])
@pytest.mark.parametrize("name", PROVIDERS)
def test_an_account_that_wants_to_be_left_alone_is(
    tmp_path: Path, provider: ModuleType, name: str, form: str, clock: FakeClock
) -> None:
    """429 with Retry-After: neither this letter nor another goes before."""
    moment = datetime.now(UTC) + timedelta(hours=2)
    value = {"seconds": "7200", "date": format_datetime(moment, usegmt=True), "rubbish": "soon"}
    asked: list[datetime] = []
    busy = Reply(429, headers=(("Retry-After", value[form]),))

    def first(request: Request) -> Reply | None:
        if request.method != "POST":
            return None
        asked.append(clock.now())
        return busy if len(asked) == 1 else None

    begun = clock.now()
    with provider.start(tmp_path) as account:
        account.first = first
        recipients = ["one +12025550101", "two +12025550102"]
        folder = write(tmp_path / "c", recipients, settings=provider.settings(account))
        assert run("send", "--yes", folder=folder).code == 0
        assert len(account.faxes) == 2
    waited = [round((moment - begun).total_seconds() / 60) for moment in asked]
    assert waited[0] == 0
    if form == "rubbish":
        assert waited[1] == 0 and 15 <= max(waited) < 20, "by our own rule"
    else:
        assert 119 <= waited[1] < 140, "the other one"
        assert 119 <= waited[-1] < 140


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_question_is_not_asked_again_before_the_account_wants_it(
    tmp_path: Path, provider: ModuleType, name: str, clock: FakeClock
) -> None:
    asked: list[datetime] = []
    busy = Reply(429, headers=(("Retry-After", "600"),))

    def first(request: Request) -> Reply | None:
        if request.method != "GET" or not account.faxes:
            return None
        asked.append(clock.now())
        return busy if len(asked) == 1 else None

    with provider.start(tmp_path) as account:
        account.first = first
        folder = write(tmp_path / "c", settings=provider.settings(account))
        assert run("send", "--yes", folder=folder).code == 0
        assert len(account.faxes) == 1
    assert asked[1] - asked[0] >= timedelta(seconds=600)


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_request_that_vanished_is_unknown_and_is_not_made_again(
    tmp_path: Path, provider: ModuleType, name: str
) -> None:
    """No listing of theirs is known to be prompt: that a fax is not shown proves nothing."""
    with provider.start(tmp_path, before=cut) as account:
        folder = write(tmp_path / "c", settings=provider.settings(account))
        first = run("send", "--yes", folder=folder)
        account.before = lambda _request: None
        second = run("send", "--yes", folder=folder)
    assert (first.code, second.code) == (4, 4) and account.submissions == 1


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_wrong_key_stops_the_run_and_is_not_shown(
    tmp_path: Path, provider: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [variable] = provider.ENVIRONMENT
    monkeypatch.setenv(variable, "hunter2-wrong")
    with provider.start(tmp_path) as account:
        folder = write(tmp_path / "c", settings=provider.settings(account))
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and not account.faxes
    assert "hunter2" not in ended.out + ended.err + run("log", folder=folder).out
    monkeypatch.delenv(variable)
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and variable in ended.err


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_account_out_of_reach_is_tried_again_later(
    tmp_path: Path, provider: ModuleType, name: str
) -> None:
    with provider.start(tmp_path) as account:
        settings = provider.settings(account)
        folder = write(tmp_path / "c", settings=settings.replace(account.url, "http://127.0.0.1:9"))
        ended = run("send", "--yes", "--no-wait", folder=folder)
    assert ended.code == 3 and state_and_cause(folder) == ("waiting", "offline")


@pytest.mark.parametrize("name", PROVIDERS)
def test_tls_with_an_authority_of_ones_own(
    tmp_path: Path, provider: ModuleType, name: str, clock: FakeClock
) -> None:
    """A company's network may look into TLS with an authority of its own: only where it is named."""
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    ca_file, empty = tmp_path / "ca.pem", tmp_path / "empty.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    empty.write_text("nothing")
    with provider.start(tmp_path, tls=tls) as account:
        settings = provider.settings(account)
        folder = write(tmp_path / "c", settings=settings)
        ended = run("send", "--yes", folder=folder)
        assert ended.code == 5 and "certificate" in ended.err and not account.submissions
        assert state_and_cause(folder) == ("waiting", "account"), "it certainly has not left"
        assert "certificate" in run("accounts", folder=folder).out

        for file, code in ((empty, 5), (tmp_path / "missing.pem", 5), (ca_file, 0)):
            table = f'ca_file = "{file}"\nurl = '
            (folder / "faxappeal.toml").write_text(
                (write(tmp_path / "d", settings=settings) / "faxappeal.toml")
                .read_text()
                .replace("url = ", table, 1)
            )
            ended = run("send", "--yes", folder=folder)
            assert ended.code == code, ended
            assert code == 0 or "ca_file" in ended.err
        clock.moment = datetime.now(UTC)
        assert "TLS" in run("accounts", folder=folder).out
    assert len(account.faxes) == 1


PIGEON = """
from faxappeal.providers.base import Probe
from faxappeal.providers.fax import FaxAccount


class Account(FaxAccount):
    keeps = "feathers"
    loft: str

    def open(self, fax, publish):
        return Pigeon(self.loft)


class Pigeon:
    def __init__(self, loft):
        self.loft = loft

    def check(self, now, countries):
        return [Probe("loft", True, self.loft)]

    def close(self):
        pass
"""


def test_a_sixth_account_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pigeon.py").write_text(PIGEON)
    monkeypatch.setattr(fax, "__path__", [*fax.__path__, str(tmp_path)])
    settings = '\n[fax]\naccount = "pigeon"\n[fax.pigeon]\nloft = "the roof"\n'
    folder = write(tmp_path / "c", settings=settings)
    assert "the roof" in run("accounts", folder=folder).out
    assert "feathers" in run("privacy", folder=folder).out
    (folder / "faxappeal.toml").write_text(
        (folder / "faxappeal.toml").read_text().replace("loft", "lofd")
    )
    assert "did you mean loft?" in run("check", folder=folder).out
