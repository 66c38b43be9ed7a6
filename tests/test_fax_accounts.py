"""Every fax account through every fate: the right state, cause and next step, and nothing doubled."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from tests.campaigns import run, write
from tests.clock import FakeClock
from tests.fakes import interfax, signalwire, sinch, telnyx
from tests.fakes.web import Reply, Request
from tests.servers.pages import pixels


@dataclass(frozen=True)
class Provider:
    """An account and its stand-in."""

    module: ModuleType
    start: Callable[..., AbstractContextManager[Any]]
    finds: bool = True  # by our reference
    forgets: bool = True

    @property
    def fates(self) -> Mapping[str, dict[str, Any]]:
        return self.module.FATES  # type: ignore[no-any-return]

    def fake(self, folder: Path, **options: Any) -> AbstractContextManager[Any]:
        where = [folder / "web"] if self.module is signalwire else []
        return self.start(*where, **options)


PROVIDERS = {
    "sinch": Provider(sinch, sinch.sinch),
    "telnyx": Provider(telnyx, telnyx.telnyx),
    "signalwire": Provider(signalwire, signalwire.signalwire, finds=False),
    "interfax": Provider(interfax, interfax.interfax, forgets=False),
}

# how it ends -> state, cause, and the exit code
FATES: Mapping[str, tuple[str, str | None, int]] = {
    "busy": ("waiting", "busy", 3),
    "no answer": ("waiting", "no-answer", 3),
    "voice": ("held", "voice", 3),
    "dropped before a page": ("waiting", "line", 3),
    "bad number": ("failed", "bad-number", 3),
    "not allowed": ("waiting", "account", 5),
    "bad document": ("failed", "document", 3),
    "after a page": ("unknown", None, 4),
    "no reason": ("unknown", None, 4),
    "odd code": ("unknown", None, 4),
    "odd word": ("unknown", None, 4),
}
# where an account says it in other words
SAID = {("interfax", "no answer"): ("waiting", "line", 3)}
CASES = [(name, fate) for name, provider in PROVIDERS.items() for fate in provider.fates]


@pytest.fixture
def provider(name: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Provider:
    clock.sleep(7 * 3600)  # 10 o'clock in New York
    chosen = PROVIDERS[name]
    for variable, value in chosen.module.ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    return chosen


def row(folder: Path) -> tuple[str, str | None]:
    [found] = run("status", "--offline", "--json", folder=folder).json["data"]["deliveries"]
    return found["state"], found["cause"]


@pytest.mark.parametrize(("name", "fate"), CASES)
def test_each_fate_has_its_state_its_cause_and_its_next_step(
    tmp_path: Path, provider: Provider, name: str, fate: str, clock: FakeClock
) -> None:
    state, cause, code = SAID.get((name, fate), FATES[fate])
    with provider.fake(tmp_path, endings={"0101": provider.fates[fate]}) as account:
        folder = write(tmp_path / "c", settings=provider.module.settings(account))
        run("send", "--yes", "--no-wait", folder=folder)
        for _ in range(3):
            clock.sleep(20)
            ended = run("status", folder=folder)
        assert row(folder) == (state, cause), run("log", folder=folder).out
        assert ended.code == (code if code != 5 else 3)

        clock.sleep(2 * 24 * 3600)
        account.endings.clear()
        again = run("send", "--yes", folder=folder)
        told = {"waiting": "delivered", "held": "held: voice", "unknown": "it may have arrived"}
        assert told.get(state, state) in again.out
        assert len(account.faxes) == (2 if state == "waiting" else 1)


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_account_gets_the_page_that_was_kept_dot_for_dot_and_forgets_it(
    tmp_path: Path, provider: Provider, name: str, nobody: Path
) -> None:
    with provider.fake(tmp_path) as account:
        folder = write(tmp_path / "c", settings=provider.module.settings(account))
        assert run("send", "--yes", folder=folder).code == 0
    [document] = account.documents
    log = run("log", "--json", folder=folder).lines
    [kept] = {event["document"] for event in log} - {None}
    tiff = (nobody / "data" / "faxappeal" / "documents" / kept).read_bytes()
    assert pixels(document) == Image.open(io.BytesIO(tiff)).convert("1").tobytes()
    assert "not-forgotten" not in {event["event"] for event in log}
    if name != "telnyx":  # which does not tell how many
        assert [event["pages"] for event in log if event["event"] == "delivered"] == [1]
    if name == "telnyx":
        assert not account.media
    if name == "sinch":
        assert account.deleted == [account.faxes[0]["id"]]
    if name == "signalwire":
        assert not list(account.folder.iterdir())


REFUSALS = {401: "account", 402: "account", 403: "account", 422: "refused", 429: "provider"}


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("name", PROVIDERS)
def test_a_refused_request_made_no_fax_and_has_its_cause(
    tmp_path: Path, provider: Provider, name: str, status: int
) -> None:
    with provider.fake(tmp_path, before=lambda _request: Reply(status)) as account:
        people = ["one +12025550101", "two +12025550102"]
        folder = write(tmp_path / "c", people, settings=provider.module.settings(account))
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
    tmp_path: Path, provider: Provider, name: str, way: str
) -> None:
    with provider.fake(tmp_path, after=AFTER[way]) as account:
        folder = write(tmp_path / "c", settings=provider.module.settings(account))
        run("send", "--yes", folder=folder)
        account.after = lambda _request: None
        run("send", "--yes", folder=folder)
        assert row(folder)[0] == ("delivered" if provider.finds else "unknown")
        assert len(account.faxes) == 1 and account.submissions == 1


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_request_that_vanished_is_unknown_and_is_not_made_again(
    tmp_path: Path, provider: Provider, name: str
) -> None:
    """No listing of theirs is known to be prompt: that a fax is not shown proves nothing."""
    with provider.fake(tmp_path, before=cut) as account:
        folder = write(tmp_path / "c", settings=provider.module.settings(account))
        first = run("send", "--yes", folder=folder)
        account.before = lambda _request: None
        second = run("send", "--yes", folder=folder)
    assert (first.code, second.code) == (4, 4) and account.submissions == 1


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_wrong_key_stops_the_run_and_is_not_shown(
    tmp_path: Path, provider: Provider, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [variable] = provider.module.ENVIRONMENT
    monkeypatch.setenv(variable, "hunter2-wrong")
    with provider.fake(tmp_path) as account:
        folder = write(tmp_path / "c", settings=provider.module.settings(account))
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and not account.faxes
    assert "hunter2" not in ended.out + ended.err + run("log", folder=folder).out
    monkeypatch.delenv(variable)
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and variable in ended.err


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_account_out_of_reach_is_tried_again_later(
    tmp_path: Path, provider: Provider, name: str
) -> None:
    with provider.fake(tmp_path) as account:
        settings = provider.module.settings(account)
        folder = write(tmp_path / "c", settings=settings.replace(account.url, "http://127.0.0.1:9"))
        ended = run("send", "--yes", "--no-wait", folder=folder)
    assert ended.code == 3 and row(folder) == ("waiting", "provider")
