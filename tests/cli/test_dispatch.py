"""Never twice, never lost: one step at a time, on a clock in the hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from faxappeal.campaign import loading
from faxappeal.campaign.delivery import Delivery, deliveries, keyed
from faxappeal.core.lifecycle import Cause
from faxappeal.delivery.dispatcher import Dispatcher
from faxappeal.delivery.retry import wait_after
from faxappeal.delivery.run_loop import NullObserver, RunLoop
from faxappeal.ledger import Ledger
from faxappeal.ledger.documents import Documents
from faxappeal.ledger.location import store_of
from faxappeal.ledger.locking import lock
from faxappeal.providers.base import (
    Accepted,
    BeforeSend,
    Delivered,
    Failed,
    Job,
    Outcome,
    ProviderReport,
    Unknown,
    Unreachable,
)
from tests.support.campaigns import write
from tests.support.clock import FakeClock
from tests.support.fakes.null_account import Letters, QuietAccount

NEW_YORK_MORNING = timedelta(hours=7)


@dataclass
class Account(QuietAccount):
    """An account that does as the test says."""

    clock: FakeClock
    supports_lookup: bool = True
    outcomes: list[Outcome | Exception] = field(default_factory=list)
    found: list[Outcome | Exception | None] = field(default_factory=list)
    submitted: list[tuple[datetime, str, str]] = field(default_factory=list)

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        before_send()
        self.submitted.append((self.clock.now(), job.address, job.reference))
        return self._next(self.outcomes, Accepted(ProviderReport(job.reference)))

    def look_up(self, account_reference: str) -> Outcome:
        return self._next(self.outcomes, Delivered(ProviderReport(account_reference, pages=1)))

    def find(self, job: Job, since: datetime) -> Outcome | None:
        if not self.found:
            return None
        answer = self.found.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _next(self, outcomes: list[Outcome | Exception], otherwise: Outcome) -> Outcome:
        outcome = outcomes.pop(0) if outcomes else otherwise
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@dataclass
class World:
    """A campaign, its ledger and its account."""

    folder: Path
    clock: FakeClock
    ledger: Ledger
    account: Account

    def dispatcher(self) -> Dispatcher:
        ready = loading.ready(loading.read(self.folder))
        assert ready
        return Dispatcher(
            ledger=self.ledger,
            clock=self.clock,
            letters=Letters(),
            account=lambda _name: self.account,
            account_name=lambda _channel: self.account.name,
            pacing=ready.settings.pacing,
            archive=Documents(self.ledger.folder / "documents"),
        )

    def deliveries(self) -> list[Delivery]:
        ready = loading.ready(loading.read(self.folder))
        assert ready
        digest = keyed(self.ledger.key)
        holds = self.ledger.queries.holds()
        return deliveries(ready, digest, self.clock.now(), holds=holds)

    def run(self, wait: bool = True) -> list[str]:
        """A run; the state of each delivery, with its cause."""
        deliveries = self.deliveries()
        RunLoop(self.dispatcher(), self.clock, NullObserver()).run(deliveries, wait=wait)
        return self.states()

    def states(self) -> list[str]:
        found = []
        for delivery in self.deliveries():
            record = self.ledger.queries.get(delivery.id)
            assert record
            found.append(f"{record.state} {record.cause}" if record.cause else record.state)
        return found


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    clock.sleep(NEW_YORK_MORNING.total_seconds())
    folder = write(tmp_path / "campaign")
    home = store_of(loading.ledger_section(folder))
    with home.open() as ledger, lock(ledger, "a test"):
        yield World(folder, clock, ledger, Account(clock))


def test_a_letter_goes_out_once(world: World) -> None:
    assert world.run() == ["delivered"]
    assert world.run() == ["delivered"]
    assert len(world.account.submitted) == 1


def test_the_claim_is_durable_before_the_first_byte(world: World) -> None:
    seen = []

    class Watching(Account):
        def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
            [delivery] = world.deliveries()
            before = world.ledger.queries.get(delivery.id)
            before_send()
            after = world.ledger.queries.get(delivery.id)
            assert before and after
            seen.append((before.state, before.left_at, after.left_at))
            assert before.reference == job.reference
            assert before.document, "and what is sent lies in the archive"
            return super().submit(job, lambda: None)

    world.account = Watching(world.clock)
    world.run()
    [(state, left_before, left_after)] = seen
    assert state == "submitting" and left_before is None and left_after is not None


def test_busy_is_tried_again_later_with_another_reference(world: World) -> None:
    world.account.outcomes = [
        Accepted(ProviderReport("1")),
        Failed(Cause.BUSY, ProviderReport("1")),
    ]
    assert world.run() == ["delivered"]
    (first, _, one), (second, _, two) = world.account.submitted
    assert second - first >= timedelta(minutes=5)
    assert one != two


def test_after_two_calls_the_number_has_an_hour_of_peace(world: World) -> None:
    """47 CFR 68.318(b): two successive attempts, then 60 minutes."""
    world.account.outcomes = [Failed(Cause.BUSY, ProviderReport())] * 9
    assert world.run() == ["failed busy"]
    times = [at for at, _, _ in world.account.submitted]
    assert len(times) == 5, "as many attempts as the settings allow"
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(gap >= timedelta(hours=1) for gap in gaps[1:])
    assert gaps == sorted(gaps)


def test_a_voice_holds_the_number_in_every_campaign(world: World, tmp_path: Path) -> None:
    world.account.outcomes = [Failed(Cause.VOICE, ProviderReport())]
    assert world.run() == ["held voice"]
    write(world.folder, ["other +12025550101"])
    text = (world.folder / "faxappeal.toml").read_text().replace('id = "test"', 'id = "second"')
    (world.folder / "faxappeal.toml").write_text(text)
    [delivery] = world.deliveries()
    assert delivery.hold == "voice" and delivery.campaign == "second"
    assert world.run() == ["held"]
    assert len(world.account.submitted) == 1


@pytest.mark.parametrize(
    ("cause", "state"),
    [(Cause.BAD_NUMBER, "failed bad-number"), (Cause.DOCUMENT, "failed document"), (Cause.REFUSED, "failed refused")],
)  # fmt: skip
def test_what_cannot_succeed_is_not_tried_again(world: World, cause: Cause, state: str) -> None:
    world.account.outcomes = [Failed(cause, ProviderReport())]
    assert world.run() == [state]
    assert world.run() == [state]
    assert len(world.account.submitted) == 1


def test_trouble_with_the_account_stops_the_run_and_counts_for_no_letter(world: World) -> None:
    write(world.folder, ["one +12025550101", "two +12025550102"])
    world.account.outcomes = [Failed(Cause.ACCOUNT, ProviderReport(raw="402"))]
    dispatcher = world.dispatcher()
    RunLoop(dispatcher, world.clock, NullObserver()).run(world.deliveries())
    assert dispatcher.stopped and "402" in dispatcher.stopped.message
    assert len(world.account.submitted) == 1
    world.clock.sleep(600)
    assert world.run() == ["delivered", "delivered"]


def test_an_unknown_outcome_is_never_sent_again(world: World) -> None:
    world.account.supports_lookup = False
    world.account.outcomes = [Unknown(ProviderReport(raw="connection lost"))]
    assert world.run() == ["unknown"]
    assert world.run() == ["unknown"]
    assert len(world.account.submitted) == 1


def test_a_lost_answer_is_asked_for_after_the_settling_time(world: World) -> None:
    world.account.outcomes = [Unknown(ProviderReport())]
    world.account.found = [Accepted(ProviderReport("found"))]
    start = world.clock.now()
    assert world.run() == ["delivered"]
    assert world.clock.now() - start >= world.account.visibility_delay
    assert len(world.account.submitted) == 1


def test_not_found_proves_nothing_where_the_account_is_slow_to_list(world: World) -> None:
    world.account.outcomes = [Unknown(ProviderReport())]
    assert world.run() == ["unknown"]


def test_not_found_is_sent_again_where_the_account_surely_remembers(world: World) -> None:
    world.account.outcomes = [Unknown(ProviderReport())]
    world.account.retention = timedelta(minutes=14)
    assert world.run() == ["delivered"]
    assert len(world.account.submitted) == 2


@pytest.mark.parametrize("known", [True, False], ids=["accepted", "being handed over"])
def test_an_account_out_of_reach_for_a_day_leaves_the_letter_unknown(
    world: World, known: bool
) -> None:
    first = (
        Accepted(ProviderReport("1")) if known else Unknown(ProviderReport(raw="connection lost"))
    )
    world.account.outcomes = [first, *[Unreachable("no answer")] * 9_999]
    world.account.found = [Unreachable("no answer")] * 9_999
    begun = world.clock.now()
    assert world.run() == ["unknown"]
    assert timedelta(hours=24) <= world.clock.now() - begun < timedelta(hours=25)
    assert len(world.account.submitted) == 1


def test_an_account_out_of_reach_is_asked_again(world: World) -> None:
    world.account.outcomes = [
        Accepted(ProviderReport("1")),
        Unreachable("down"),
        Unreachable("down"),
    ]
    assert world.run() == ["delivered"]


def test_one_call_at_a_time_and_a_gap_between_two_on_one_number(world: World) -> None:
    """The same number in two campaigns of one user is still one telephone."""
    world.run()
    text = (world.folder / "faxappeal.toml").read_text().replace('id = "test"', 'id = "second"')
    (world.folder / "faxappeal.toml").write_text(text)
    assert world.run() == ["delivered"]
    (first, _, _), (second, _, _) = world.account.submitted
    assert second - first >= timedelta(minutes=5)


def test_a_number_whose_line_is_taken_cannot_be_claimed(world: World) -> None:
    world.account.outcomes = [Accepted(ProviderReport("1")), *[Accepted(ProviderReport("1"))] * 3]
    world.run(wait=False)
    text = (world.folder / "faxappeal.toml").read_text().replace('id = "test"', 'id = "second"')
    (world.folder / "faxappeal.toml").write_text(text)
    [delivery] = world.deliveries()
    world.ledger.plan(delivery, world.clock.now())
    claimed = world.ledger.attempts.claim(
        delivery,
        "fa-x",
        account="fake",
        content="",
        document="",
        gap=timedelta(0),
        moment=world.clock.now() + timedelta(hours=23),
    )
    assert not claimed


def rename(world: World, campaign: str) -> None:
    """The same folder is another campaign from now on."""
    text = (
        (world.folder / "faxappeal.toml").read_text().replace('id = "test"', f'id = "{campaign}"')
    )
    (world.folder / "faxappeal.toml").write_text(text)


def test_a_line_on_which_another_campaigns_letter_was_left_is_not_waited_for(world: World) -> None:
    """Nobody would ever ask what became of that one: this run would wait for good."""
    world.account.outcomes = [Accepted(ProviderReport("1"))]
    world.run(wait=False)
    rename(world, "second")
    assert world.run() == ["waiting"]
    [record] = world.ledger.queries.records("second")
    assert record.note == "on this line is a letter of test"
    assert len(world.account.submitted) == 1

    world.clock.sleep(25 * 3600)  # no fax takes so long: the line is free, whoever asks
    assert world.run() == ["delivered"]


def test_a_line_on_which_a_letter_of_no_run_was_left_is_not_waited_for(world: World) -> None:
    """As after an interrupted rehearsal: it is the same campaign, and still nobody follows it."""
    world.account.outcomes = [Accepted(ProviderReport("1"))]
    world.run(wait=False)
    [letter] = world.deliveries()
    other = replace(letter, id="other", identity="other", base="other")
    RunLoop(world.dispatcher(), world.clock, NullObserver()).run([other])
    record = world.ledger.queries.get("other")
    assert record and record.state == "waiting" and len(world.account.submitted) == 1

    RunLoop(world.dispatcher(), world.clock, NullObserver()).run([other, letter])
    assert [world.ledger.queries.get(id).state for id in ("other", letter.id)] == ["delivered"] * 2  # type: ignore[union-attr]
    (first, _, _), (second, _, _) = world.account.submitted
    assert second - first >= timedelta(minutes=5)


def test_a_week_of_retries_grows_slower_and_ends(world: World) -> None:
    toml = (world.folder / "faxappeal.toml").read_text()
    (world.folder / "faxappeal.toml").write_text(toml + "\n[pacing]\nattempts = 10\n")
    world.account.outcomes = [Failed(Cause.BUSY, ProviderReport())] * 50
    world.clock.moment = datetime.fromisoformat("2026-11-30T10:00-05:00")
    assert world.run() == ["failed busy"]
    times = [at.astimezone(world.deliveries()[0].zone) for at, _, _ in world.account.submitted]
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits[0] >= timedelta(minutes=5) and all(w >= timedelta(hours=1) for w in waits[1:])
    assert times[-1] - times[0] > timedelta(days=4), "it is not given up early"
    assert times[-1] - times[0] <= timedelta(days=7)
    assert {at.strftime("%a") for at in times} <= {"Mon", "Tue", "Wed", "Thu", "Fri"}
    assert all(8 <= at.hour < 20 for at in times)


def test_the_clocks_change_between_two_tries(world: World) -> None:
    """The morning of the office is its own morning, in summer time as in winter time."""
    world.clock.moment = datetime.fromisoformat("2026-10-30T19:58-04:00")  # a Friday
    world.account.outcomes = [Failed(Cause.BUSY, ProviderReport())]
    assert world.run() == ["delivered"]
    zone = world.deliveries()[0].zone
    first, second = (at for at, _, _ in world.account.submitted)
    assert second.astimezone(zone).strftime("%a %H:%M") == "Mon 08:00"
    minutes = round((second - first) / timedelta(minutes=1))
    assert minutes == 61 * 60 + 2, "the night was an hour longer"


def test_night_at_the_recipients_place_waits_for_the_morning(world: World) -> None:
    world.clock.sleep(12 * 3600)  # 22 o'clock in New York
    assert world.run(wait=False) == ["waiting"]
    assert not world.account.submitted
    assert world.run() == ["delivered"]
    [(at, _, _)] = world.account.submitted
    assert at.astimezone(world.deliveries()[0].zone).strftime("%a %H:%M") == "Wed 08:00"


def test_a_claim_that_slept_too_long_is_given_up_before_the_first_byte(world: World) -> None:
    class Sleepy(Account):
        naps = 1

        def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
            if self.naps:
                self.naps -= 1
                self.clock.sleep(3600)  # the laptop was closed
            return super().submit(job, before_send)

    world.account = Sleepy(world.clock)
    assert world.run() == ["delivered"]
    assert len(world.account.submitted) == 1


def test_a_claim_from_which_nothing_left_is_made_again(world: World) -> None:
    """As after a crash between the claim and the first byte."""

    class Dying(Account):
        def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
            raise MemoryError

    working, world.account = world.account, Dying(world.clock)
    with pytest.raises(MemoryError):
        world.run()
    assert world.states() == ["submitting"]
    world.account = working
    world.clock.sleep(600)
    assert world.run() == ["delivered"]
    assert len(working.submitted) == 1


def test_a_laptop_asleep_between_claim_and_first_byte_wakes_after_hours(world: World) -> None:
    world.clock.sleep(9 * 3600 + 55 * 60)  # 19:55 in New York

    class Sleepy(Account):
        naps = 1

        def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
            if self.naps:
                self.naps -= 1
                self.clock.sleep(6 * 60)
            return super().submit(job, before_send)

    world.account = Sleepy(world.clock)
    assert world.run() == ["delivered"]
    [(at, _, _)] = world.account.submitted
    assert at.astimezone(world.deliveries()[0].zone).strftime("%a %H:%M") == "Wed 08:00"


def test_a_laptop_asleep_over_a_weekend_sends_on_monday_and_not_on_sunday(world: World) -> None:
    world.clock.sleep(3 * 86400 + 12 * 3600)  # Friday, 22 o'clock in New York
    world.run(wait=False)
    world.clock.sleep(40 * 3600)  # Sunday, 14 o'clock
    world.run(wait=False)
    assert not world.account.submitted
    assert world.run() == ["delivered"]
    [(at, _, _)] = world.account.submitted
    assert at.astimezone(world.deliveries()[0].zone).strftime("%a %H:%M") == "Mon 08:00"


def test_thanksgiving_is_no_day_for_a_fax(world: World) -> None:
    world.account.outcomes = [Failed(Cause.LINE, ProviderReport())]
    world.clock.sleep(86400 + 12 * 3600)  # the evening before
    assert world.run() == ["delivered"]
    days = [
        at.astimezone(world.deliveries()[0].zone).strftime("%a")
        for at, _, _ in world.account.submitted
    ]
    assert days == ["Fri", "Fri"]


def test_an_account_gets_its_letters_one_after_the_other(world: World) -> None:
    write(world.folder, [f"r{n} +1202555010{n}" for n in range(4)])
    world.account.gap = timedelta(seconds=30)
    assert world.run() == ["delivered"] * 4
    times = [at for at, _, _ in world.account.submitted]
    assert all(later - earlier >= world.account.gap for earlier, later in pairwise(times))


def test_an_account_is_not_asked_more_often_than_it_likes(world: World) -> None:
    """InterFAX answers six questions a minute, however many faxes are under way."""
    write(world.folder, [f"r{n} +1202555010{n}" for n in range(4)])
    world.account.poll_interval = timedelta(seconds=10)
    asked: list[datetime] = []
    look_up = world.account.look_up

    def noted(account_reference: str) -> Outcome:
        asked.append(world.clock.now())
        return look_up(account_reference)

    world.account.look_up = noted  # type: ignore[method-assign]
    world.account.outcomes = [Accepted(ProviderReport(str(n))) for n in range(12)]
    assert world.run() == ["delivered"] * 4
    assert len(asked) > 6
    assert all(later - earlier >= world.account.poll_interval for earlier, later in pairwise(asked))


def test_no_wait_is_shorter_for_all_its_jitter() -> None:
    for attempt in range(1, 6):
        exact, late = wait_after(Cause.BUSY, attempt), wait_after(Cause.BUSY, attempt, 1.0)
        assert exact and late and exact < late <= exact * 1.11


def test_give_up_after_a_week(world: World) -> None:
    toml = (world.folder / "faxappeal.toml").read_text()
    (world.folder / "faxappeal.toml").write_text(toml + '\n[pacing]\ngive_up_after = "1h"\n')
    world.account.outcomes = [Failed(Cause.NO_ANSWER, ProviderReport())] * 9
    assert world.run() == ["failed no-answer"]
    assert len(world.account.submitted) == 2


def test_a_reference_tells_nothing(world: World) -> None:
    world.run()
    [(_, _, reference)] = world.account.submitted
    assert reference.startswith("fa-") and len(reference) == 35


def test_an_email_is_accepted_and_its_bytes_stay_the_same(world: World) -> None:
    write(world.folder, ["mail office@example.org"])
    world.account.outcomes = [Failed(Cause.PROVIDER, ProviderReport(raw="451 later"))]
    assert world.run() == ["accepted"]
    [delivery] = world.deliveries()
    documents = {
        event.document for event in world.ledger.queries.events(delivery.campaign) if event.document
    }
    assert len(world.account.submitted) == 2 and len(documents) == 1
