"""Many senders: whose pages are made, and how many letters of theirs one number gets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from faxappeal.campaign import senders
from faxappeal.commands.plan_rows import Row
from faxappeal.commands.selection import Choice
from faxappeal.commands.send_limits import A_DAY, refuse_crowd, refuse_jam, sample_of
from faxappeal.core.errors import UsageError
from faxappeal.core.lifecycle import Fate, State
from faxappeal.delivery.context import CampaignContext
from tests.support import shown
from tests.support.appeal import loaded
from tests.support.commands import HYLAFAX, SMTP, Surroundings

EACH = '[senders]\nmode = "each"\n'
TWO = ("one +12025550101", "two +12025550102")


def sign(around: Surroundings, count: int, *recipients: str) -> None:
    """So many people send a letter each."""
    around.write(*(recipients or TWO), settings=HYLAFAX + SMTP + EACH)
    lines = [f"s-{number},Person {number},,2026-11-20\n" for number in range(count)]
    path = around.folder / senders.FILE
    path.write_text("id,name,place,consent\n" + "".join(lines), encoding="utf-8")
    path.chmod(0o600)


# -- whose pages are made ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "made"),
    [
        pytest.param([(None, "a"), (None, "b"), (None, "a")], [0, 1, 2], id="one sender"),
        pytest.param([("p", "a"), ("q", "a"), ("r", "a")], [0, 1, 2], id="one of each sender"),
        pytest.param([("p", "a"), ("p", "b"), ("p", "c")], [0, 1, 2], id="one for each address"),
        pytest.param(
            [("p", "a"), ("p", "b"), ("q", "a"), ("q", "b")], [0, 1, 2], id="two to two addresses"
        ),
        pytest.param([], [], id="nothing"),
    ],
)
def test_pages_are_made_of_each_sender_and_for_each_address(
    letters: list[tuple[str | None, str]], made: list[int]
) -> None:
    planned = [
        shown.delivery(id=str(number), signatory=sender, address_key=address)
        for number, (sender, address) in enumerate(letters)
    ]
    assert list(sample_of(planned)) == [str(number) for number in made]


# -- before a hundred thousand letters are written ---------------------------------------------------


@pytest.mark.parametrize(
    ("count", "choice", "refused"),
    [
        pytest.param(A_DAY, Choice(), False, id="twenty senders"),
        pytest.param(A_DAY + 1, Choice(), True, id="twenty-one senders"),
        pytest.param(A_DAY + 1, Choice(channel="email"), False, id="e-mails alone"),
        pytest.param(A_DAY + 1, Choice(channel="fax"), True, id="faxes alone"),
        pytest.param(A_DAY + 1, Choice(only=("mail",)), False, id="a recipient without a fax"),
    ],
)
def test_too_many_new_senders_are_refused_before_their_letters_are_written(
    around: Surroundings, count: int, choice: Choice, refused: bool
) -> None:
    sign(around, count, *TWO, "mail office@example.org")
    with around.context() as context:
        if not refused:
            refuse_crowd(context, choice)
            return
        with pytest.raises(UsageError, match=f"each number would get {count} letters") as caught:
            refuse_crowd(context, choice)
    assert '[senders] mode = "joint"' in caught.value.hint


@pytest.mark.parametrize(
    ("recipients", "refused"),
    [
        pytest.param(["one +12025550101", "mail office@example.org"], False, id="an e-mail goes"),
        pytest.param(["one +12025550101"], True, id="nothing goes at all"),
    ],
)
def test_faxes_that_are_all_held_hinder_no_e_mails(
    around: Surroundings, recipients: list[str], refused: bool
) -> None:
    sign(around, A_DAY + 1, *recipients)
    text = (around.folder / "recipients.yaml").read_text(encoding="utf-8")
    held = text.replace("status: active", "status: retired", 1)
    (around.folder / "recipients.yaml").write_text(held, encoding="utf-8")
    with around.context() as context:
        if refused:
            with pytest.raises(UsageError):
                refuse_crowd(context, Choice())
        else:
            refuse_crowd(context, Choice())


# -- how long a number is kept busy ------------------------------------------------------------------


def rows(count: int, fate: Fate = Fate.GOES, channel: str = "fax") -> Iterable[Row]:
    contact = ("fax", "+12025550101") if channel == "fax" else ("email", "office@example.org")
    for number in range(count):
        letter = shown.delivery("one", *contact, id=str(number), signatory=f"s-{number}")  # type: ignore[arg-type]
        yield shown.row(fate, delivery=letter)


@pytest.mark.parametrize(
    ("letters", "refused"),
    [
        pytest.param([*rows(A_DAY)], False, id="twenty faxes"),
        pytest.param([*rows(A_DAY + 1)], True, id="twenty-one faxes"),
        pytest.param([*rows(A_DAY), *rows(1, Fate.WAITS)], True, id="one of them waits"),
        pytest.param([*rows(A_DAY), *rows(9, Fate.HELD)], False, id="those that are held"),
        pytest.param([*rows(A_DAY), *rows(9, Fate.SENT)], False, id="those that went"),
        pytest.param([*rows(50, channel="email")], False, id="e-mails"),
        pytest.param([], False, id="nothing"),
    ],
)
def test_no_number_gets_more_than_twenty_a_day(
    around: Surroundings, letters: list[Row], refused: bool
) -> None:
    sign(around, 2)
    with around.context() as context:
        if not refused:
            refuse_jam(letters, context)
            return
        with pytest.raises(UsageError, match=r"\+12025550101 would get 21 letters; above 20 a day"):
            refuse_jam(letters, context)


def test_a_letter_of_one_sender_to_many_offices_of_one_number_is_no_crowd(
    around: Surroundings,
) -> None:
    with around.context() as context:
        refuse_jam([*rows(50)], context)


@pytest.mark.parametrize(("hours", "refused"), [(23, True), (25, False)])
def test_what_left_within_a_day_counts(around: Surroundings, hours: int, refused: bool) -> None:
    sign(around, A_DAY)
    around.end(State.DELIVERED, "one")
    around.clock.sleep(timedelta(hours=hours).total_seconds())
    with around.context() as context:
        [one, *_] = context.deliveries(["one"])
        letter = shown.row(Fate.GOES, delivery=one)
        if refused:
            with pytest.raises(UsageError, match="would get 21 letters"):
                refuse_jam([letter], context)
        else:
            refuse_jam([letter], context)


def test_before_anything_was_sent_a_dry_run_counts_the_plan_alone(around: Surroundings) -> None:
    sign(around, 2)
    context = CampaignContext(loaded(around.folder), None, around.clock.now())
    refuse_jam([*rows(A_DAY)], context)
    with pytest.raises(UsageError):
        refuse_jam([*rows(A_DAY + 1)], context)
