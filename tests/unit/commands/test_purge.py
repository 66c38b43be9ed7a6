"""What ended long ago is forgotten, if a person says yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from faxappeal.campaign.loading import ledger_section
from faxappeal.commands.purge import PurgeResult, purge
from faxappeal.core.errors import UsageError
from faxappeal.core.finding import InvalidCampaign
from faxappeal.core.lifecycle import State
from faxappeal.ledger.documents import Documents
from faxappeal.ledger.location import store_of
from faxappeal.ledger.locking import LedgerLocked, lock
from faxappeal.ledger.sqlite import SqliteStore
from tests.support.clock import MORNING
from tests.support.commands import Surroundings

DAY = timedelta(days=1)


@dataclass
class Person:
    """Says yes or no, and remembers the question."""

    says: bool = True
    asked: list[Mapping[str, int]] = field(default_factory=list)

    def __call__(self, letters: Mapping[str, int]) -> bool:
        self.asked.append(letters)
        return self.says


def purged(
    around: Surroundings, older_than: str = "28d", person: Person | None = None
) -> PurgeResult:
    data: PurgeResult = purge(around.folder, around.clock, older_than, person or Person()).data
    return data


@pytest.fixture
def sent(around: Surroundings) -> Surroundings:
    """A letter that was delivered, with its document, and one that is on the line."""
    around.write("one +12025550101", "two +12025550102")
    with around.ledger() as ledger:
        around.end(
            State.DELIVERED, "one", at=MORNING, document=Documents(ledger.documents).put(b"1")
        )
        around.end(
            State.ACCEPTED, "two", at=MORNING, document=Documents(ledger.documents).put(b"2")
        )
    return around


def test_what_ended_long_ago_is_forgotten_and_what_is_in_progress_stays(
    sent: Surroundings,
) -> None:
    sent.clock.sleep(29 * DAY.total_seconds())
    assert purged(sent) == PurgeResult("28d", letters=1, documents=1, kept=1)
    with sent.ledger() as ledger:
        addresses = {each.recipient: each.address for each in ledger.queries.records("test")}
        assert Documents(ledger.documents).size()[0] == 1
    assert addresses == {"one": "", "two": "+12025550102"}
    assert sent.events("one")[-1] == "purged"
    assert purged(sent) == PurgeResult("28d", letters=0, documents=0, kept=1)


@pytest.mark.parametrize(
    ("older_than", "days", "letters"),
    [("28d", 29, 1), ("28d", 27, 0), ("1d", 2, 1), ("12h", 1, 1), ("60d", 29, 0)],
)
def test_a_person_says_what_is_long_ago(
    sent: Surroundings, older_than: str, days: int, letters: int
) -> None:
    sent.clock.sleep(days * DAY.total_seconds())
    found = purged(sent, older_than)
    assert (found.older_than, found.letters) == (older_than, letters)


@pytest.mark.parametrize("older_than", ["a year", "", "-1d", "28"])
def test_a_time_that_cannot_be_read_purges_nothing(sent: Surroundings, older_than: str) -> None:
    with pytest.raises(UsageError, match="--older-than: ") as caught:
        purged(sent, older_than)
    assert caught.value.hint == "faxappeal purge --older-than 28d"


@pytest.mark.parametrize(("says", "letters"), [(True, 1), (False, 0)])
def test_a_person_is_asked_with_the_number_of_letters_of_each_campaign(
    sent: Surroundings, says: bool, letters: int
) -> None:
    sent.clock.sleep(29 * DAY.total_seconds())
    person = Person(says)
    found = purged(sent, person=person)
    assert person.asked == [{"test": 1}]
    assert (found.letters, found.documents, found.kept) == (letters, letters, 2 - letters)


def test_before_anything_was_sent_a_person_is_not_asked(around: Surroundings, nobody: Path) -> None:
    person = Person()
    assert purged(around, person=person) == PurgeResult("28d", 0, 0, 0)
    assert person.asked == [] and not (nobody / "data").exists()


def test_it_works_outside_of_a_campaign(sent: Surroundings, tmp_path: Path) -> None:
    sent.clock.sleep(29 * DAY.total_seconds())
    data = purge(tmp_path / "nowhere", sent.clock, "28d", Person()).data
    assert data.letters == 1


def test_the_settings_alone_are_enough(sent: Surroundings) -> None:
    """The list and the letter may be gone."""
    sent.clock.sleep(29 * DAY.total_seconds())
    (sent.folder / "recipients.yaml").unlink()
    assert purged(sent).letters == 1
    (sent.folder / "faxappeal.toml").write_text("oops", encoding="utf-8")
    with pytest.raises(InvalidCampaign):
        purged(sent)


def test_nothing_is_purged_while_letters_are_being_sent(sent: Surroundings) -> None:
    sent.clock.sleep(29 * DAY.total_seconds())
    with sent.ledger() as ledger, lock(ledger, "a run"), pytest.raises(LedgerLocked):
        purged(sent)
    assert purged(sent).letters == 1


@pytest.mark.parametrize(("is_shared", "deleted"), [(False, 1), (True, 0)])
def test_where_many_machines_write_a_document_of_just_now_stays(
    sent: Surroundings, monkeypatch: pytest.MonkeyPatch, is_shared: bool, deleted: int
) -> None:
    """Its claim may not be in the ledger yet."""
    monkeypatch.setattr(SqliteStore, "is_shared", is_shared)
    home = store_of(ledger_section(sent.folder))
    Documents(home.documents).put(b"just written")
    assert purged(sent).documents == deleted
