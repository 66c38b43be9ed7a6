"""When letters leave: office hours, the peace of a number, and how long a letter is tried.

tests/integration/postgres runs these again with a ledger in a database.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from faxappeal.core.lifecycle import Cause, State
from faxappeal.delivery.run_loop import NullObserver, RunLoop
from faxappeal.providers.base import Accepted, BeforeSend, Failed, Job, Outcome, ProviderReport
from tests.support.campaigns import write
from tests.support.world import ScriptedAccount, World


def test_after_two_calls_the_number_has_an_hour_of_peace(world: World) -> None:
    """47 CFR 68.318(b): two successive attempts, then 60 minutes."""
    world.account.outcomes = [Failed(Cause.BUSY, ProviderReport())] * 9
    assert world.run() == ["failed busy"]
    times = [at for at, _, _ in world.account.submitted]
    assert len(times) == 5, "as many attempts as the settings allow"
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(gap >= timedelta(hours=1) for gap in gaps[1:])
    assert gaps == sorted(gaps)


def test_a_letter_on_the_line_does_not_shorten_the_peace_after_two_calls(world: World) -> None:
    until = busy_twice(world)
    other = leave_on_the_line(world)
    assert world.run(wait=False) == ["waiting busy"]
    assert world.record().next_at == until, "what it waits for after its failure stays"
    reference, now = world.account.submitted[-1][2], world.clock.now()
    world.ledger.attempts.record(
        other, reference, State.FAILED, now, ProviderReport(), cause=Cause.LINE
    )
    world.clock.sleep(600)
    assert world.run(wait=False) == ["waiting busy"] and len(world.account.submitted) == 3
    world.run()
    assert world.account.submitted[-1][0] >= until


def test_a_shorter_gap_does_not_shorten_the_peace_after_two_calls(world: World) -> None:
    world.change_settings("[sender]", '[pacing]\nper_number_gap = "90m"\n[sender]')
    world.account.outcomes = [Failed(Cause.BUSY, ProviderReport())] * 2
    world.run(wait=False)
    world.clock.sleep(5400)
    world.run(wait=False)
    at = world.account.submitted[-1][0]
    assert world.run(wait=False) == ["waiting busy"], "its cause stays"
    world.change_settings('"90m"', '"1m"')
    world.run()
    assert len(world.account.submitted) == 3
    assert world.account.submitted[-1][0] - at >= timedelta(hours=1)


def test_a_hold_that_is_lifted_does_not_shorten_the_peace_after_two_calls(world: World) -> None:
    until = busy_twice(world)
    before = (world.folder / "recipients.yaml").read_text(encoding="utf-8")
    (world.folder / "recipients.yaml").write_text(
        before.replace("status: active", "status: unverified")
    )
    assert world.run(wait=False) == ["held"]
    (world.folder / "recipients.yaml").write_text(before)
    world.run(wait=False)
    assert len(world.account.submitted) == 2, "it rang twice, and not again before the hour"
    world.run()
    assert world.account.submitted[-1][0] >= until


def busy_twice(world: World) -> datetime:
    """The letter rings twice; when it may ring again."""
    world.account.outcomes = [Failed(Cause.BUSY, ProviderReport())] * 2
    world.run(wait=False)
    world.clock.sleep(400)
    world.run(wait=False)
    record = world.record()
    assert record.next_at and len(world.account.submitted) == 2
    assert record.next_at - world.clock.now() > timedelta(minutes=50)
    return record.next_at


def leave_on_the_line(world: World) -> str:
    """Another campaign's letter, accepted and not asked about, on the same number."""
    world.rename("second")
    [other] = world.deliveries()
    world.clock.sleep(400)
    world.account.outcomes = [Accepted(ProviderReport("1")), *[Accepted(ProviderReport("1"))] * 3]
    world.run(wait=False)
    world.account.outcomes = []
    world.change_settings('id = "second"', 'id = "test"')
    return other.id


def test_one_call_at_a_time_and_a_gap_between_two_on_one_number(world: World) -> None:
    """The same number in two campaigns of one user is still one telephone."""
    world.run()
    world.rename("second")
    assert world.run() == ["delivered"]
    (first, _, _), (second, _, _) = world.account.submitted
    assert second - first >= timedelta(minutes=5)


def test_a_number_whose_line_is_taken_cannot_be_claimed(world: World) -> None:
    world.account.outcomes = [Accepted(ProviderReport("1")), *[Accepted(ProviderReport("1"))] * 3]
    world.run(wait=False)
    world.rename("second")
    [delivery] = world.deliveries()
    world.ledger.plan(delivery, world.clock.now())
    claimed = world.ledger.attempts.claim(
        delivery,
        "fa-x",
        account="fake",
        endpoint="",
        content="",
        document="",
        gap=timedelta(0),
        moment=world.clock.now() + timedelta(hours=23),
    )
    assert not claimed


def test_a_line_on_which_another_campaigns_letter_was_left_is_not_waited_for(world: World) -> None:
    """No run would ever ask what became of that one: this run would wait for good."""
    world.account.outcomes = [Accepted(ProviderReport("1"))]
    world.run(wait=False)
    world.rename("second")
    assert world.run() == ["waiting"]
    [record] = world.ledger.queries.records("second")
    assert record.note == "on this line is a letter of test"
    assert len(world.account.submitted) == 1

    world.clock.sleep(25 * 3600)  # no fax takes so long: the line is free for all
    assert world.run() == ["delivered"]


def test_a_line_on_which_a_letter_of_no_run_was_left_is_not_waited_for(world: World) -> None:
    """As after an interrupted rehearsal: it is the same campaign, and still no run follows it."""
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
    world.add_settings("\n[pacing]\nattempts = 10\n")
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


def test_a_laptop_asleep_between_claim_and_first_byte_wakes_after_hours(world: World) -> None:
    world.clock.sleep(9 * 3600 + 55 * 60)  # 19:55 in New York

    class Sleepy(ScriptedAccount):
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
    """InterFAX answers six questions a minute, however many faxes it has."""
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


def test_give_up_after_a_week(world: World) -> None:
    world.add_settings('\n[pacing]\ngive_up_after = "1h"\n')
    world.account.outcomes = [Failed(Cause.NO_ANSWER, ProviderReport())] * 9
    assert world.run() == ["failed no-answer"]
    assert len(world.account.submitted) == 2
