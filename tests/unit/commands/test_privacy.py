"""What is stored where, as it is now."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxappeal.commands.privacy import PrivacyResult, privacy
from faxappeal.core.errors import UsageError
from faxappeal.core.finding import InvalidCampaign
from faxappeal.core.lifecycle import State
from faxappeal.ledger.documents import Documents
from faxappeal.providers import fax
from tests.support.commands import SMTP, Surroundings


def listed(folder: Path) -> PrivacyResult:
    data: PrivacyResult = privacy(folder).data
    return data


def names(folder: Path) -> list[str]:
    return [place.name for place in listed(folder).places]


def test_before_the_first_letter_all_accounts_are_named(around: Surroundings) -> None:
    assert names(around.folder) == ["ledger", "documents", "your files", *fax.names(), "smtp"]
    assert listed(around.folder).letters == 0


def test_a_look_writes_nothing(around: Surroundings, nobody: Path) -> None:
    listed(around.folder)
    assert not (nobody / "data").exists()


def test_after_it_only_those_that_letters_went_through(around: Surroundings) -> None:
    around.write("one +12025550101", "two +12025550102", "mail office@example.org", settings=SMTP)
    around.end(State.DELIVERED, "one", account="sinch")
    assert names(around.folder)[3:] == ["sinch"]
    around.end(State.ACCEPTED, "mail", account="smtp")
    around.end(State.DELIVERED, "two", account="telnyx")
    assert names(around.folder)[3:] == ["sinch", "telnyx", "smtp"]
    assert listed(around.folder).letters == 3


def test_of_each_account_it_says_what_it_keeps(around: Surroundings) -> None:
    kept = {place.name: place for place in listed(around.folder).places}
    assert kept["sinch"].holds == fax.table("sinch").keeps
    assert "mailbox" in kept["smtp"].holds
    assert {kept[name].where for name in (*fax.names(), "smtp")} == {"at the account"}


def test_documents_are_counted_with_their_size(around: Surroundings) -> None:
    with around.ledger() as ledger:
        for number in range(3):
            Documents(ledger.documents).put(bytes([number]) * 100_000)
    [place] = [place for place in listed(around.folder).places if place.name == "documents"]
    assert "(3 files, 0.3 MB)" in place.where and place.goes == "faxappeal purge"


@pytest.mark.parametrize(
    ("name", "is_folder", "place"),
    [("outbox", True, "outbox"), ("outbox", False, None), ("senders.csv", False, "senders")],
    ids=["an outbox", "a file of that name", "names of those who sign"],
)
def test_what_lies_in_the_campaigns_folder_is_named(
    around: Surroundings, name: str, is_folder: bool, place: str | None
) -> None:
    path = around.folder / name
    path.mkdir() if is_folder else path.write_text("id,name,place,consent\n", encoding="utf-8")
    found = {each.name: each for each in listed(around.folder).places}
    assert {"outbox", "senders"} & found.keys() == ({place} if place else set())
    if place:
        assert found[place].where == str(path.resolve()) and "delete" in found[place].goes


def test_it_works_outside_of_a_campaign(tmp_path: Path, nobody: Path) -> None:
    [ledger, *_] = listed(tmp_path).places
    assert ledger.where == str(nobody / "data" / "faxappeal" / "ledger.db")


def test_the_ledger_of_the_settings_is_named(around: Surroundings, tmp_path: Path) -> None:
    around.write("one +12025550101", settings=f'\n[ledger]\nurl = "sqlite:///{tmp_path}/own.db"\n')
    assert listed(around.folder).places[0].where == f"{tmp_path}/own.db"


def test_settings_that_cannot_be_read_are_an_error(around: Surroundings) -> None:
    (around.folder / "recipients.yaml").unlink()
    assert names(around.folder), "the settings alone are enough"
    (around.folder / "faxappeal.toml").write_text("oops", encoding="utf-8")
    with pytest.raises(InvalidCampaign):
        listed(around.folder)


def test_an_address_of_a_ledger_that_is_none_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAXAPPEAL_LEDGER__URL", "mysql://db.example.org/ledger")
    with pytest.raises(UsageError, match="FAXAPPEAL_LEDGER__URL"):
        listed(tmp_path)
