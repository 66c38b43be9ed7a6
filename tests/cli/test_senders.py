"""Many senders: one letter that all sign, or a letter of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxappeal.campaign import senders
from faxappeal.ledger.location import default_path
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch

HEAD = "id,name,place,consent\n"
TWO = f"{HEAD}s-1,Paula Beispiel,Wien,2026-11-20\ns-2,Max Muster,,2026-11-21\n"
LETTER = "---\nsubject: Please answer\n---\n{{ to.salutation }}, {{ sender.name }} asks you.\n"

pytestmark = pytest.mark.usefixtures("office_hours")


def write_senders(folder: Path, text: str) -> None:
    path = folder / senders.FILE
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


@pytest.fixture
def campaign(tmp_path: Path, account: sinch.SinchFake) -> Path:
    folder = write(tmp_path / "campaign", ["one +12025550101"], LETTER, sinch.settings(account))
    write_senders(folder, TWO)
    return folder


def set_senders_section(folder: Path, words: str) -> None:
    toml = folder / "faxappeal.toml"
    text = toml.read_text(encoding="utf-8").partition("\n[senders]")[0]
    toml.write_text(f"{text}\n[senders]\n{words}\n", encoding="utf-8")


# -- the file --------------------------------------------------------------------------------------


def test_nothing_is_sent_while_the_file_is_wrong_or_open_to_others(
    campaign: Path, account: sinch.SinchFake
) -> None:
    (campaign / senders.FILE).chmod(0o644)
    ended = run("send", "--yes", folder=campaign)
    assert ended.code == 1 and "chmod 600 senders.csv" in ended.err
    write_senders(campaign, HEAD + "s-1,Paula Beispiel,Wien,\n")
    ended = run("check", "--format", "text", folder=campaign)
    assert ended.code == 1 and "senders.csv:2:1" in ended.out
    assert "Paula" not in ended.out + ended.err, "a name is nobody's business in CI"
    assert run("send", "--yes", folder=campaign).code == 1 and not account.faxes


def test_nobody_has_agreed_tomorrow(campaign: Path, account: sinch.SinchFake) -> None:
    write_senders(campaign, HEAD + "s-1,Paula Beispiel,Wien,2026-11-25\n")
    ended = run("check", "--format", "text", folder=campaign)
    assert ended.code == 1 and "senders.csv:2:25" in ended.out
    assert "consent-in-future" in ended.out and "Paula" not in ended.out
    assert run("send", "--yes", folder=campaign).code == 1 and not account.faxes


# -- one letter that all sign ----------------------------------------------------------------------


def test_a_joint_letter_has_the_names_under_it(campaign: Path) -> None:
    out = campaign / "look"
    said = run("preview", "--out", out, folder=campaign).out
    assert "Signed also by:\nPaula Beispiel, Wien; Max Muster" in said
    assert "Erika Mustermann asks you" in said, "the sender is who writes"
    import pypdfium2

    with pypdfium2.PdfDocument(out / "one-fax.pdf") as pdf:
        text = pdf[0].get_textpage().get_text_bounded()
    assert "Paula Beispiel, Wien; Max Muster" in " ".join(text.split())


def test_the_e_mail_has_them_too(tmp_path: Path) -> None:
    folder = write(tmp_path, ["one one@example.org"], LETTER)
    write_senders(folder, TWO.replace("Max Muster", "Max <b>Muster</b>"))
    run("preview", "--out", folder / "look", folder=folder)
    from email import message_from_bytes, policy

    raw = (folder / "look" / "one-email.eml").read_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    html = message.get_body(("html",))
    assert html and "Max &lt;b&gt;Muster&lt;/b&gt;" in html.get_content()


def test_so_many_names_are_printed_and_the_others_counted(campaign: Path) -> None:
    set_senders_section(campaign, "names = 1")
    said = run("preview", folder=campaign).out
    assert "Paula Beispiel, Wien; and 1 others" in said and "Max" not in said
    set_senders_section(campaign, "names = 0")
    assert "Signed also by:\nand 2 others" in run("preview", folder=campaign).out


def test_whoever_signs_later_is_in_the_next_round(campaign: Path, account: sinch.SinchFake) -> None:
    assert run("send", "--yes", folder=campaign).code == 0
    write_senders(campaign, TWO + "s-3,Eva Example,,2026-11-24\n")
    told = run("send", "--yes", folder=campaign)
    assert "in an earlier version" in told.out and len(account.faxes) == 1
    assert run("send", "--yes", "--again", folder=campaign).code == 0
    assert len(account.faxes) == 2


def test_without_the_file_the_letter_is_the_same_as_ever(campaign: Path) -> None:
    (campaign / senders.FILE).unlink()
    before = run("preview", "--json", folder=campaign).json["data"]["sheets"][0]
    write_senders(campaign, HEAD)
    after = run("preview", "--json", folder=campaign).json["data"]["sheets"][0]
    assert before["content_sha256"] == after["content_sha256"]


# -- a letter of each ------------------------------------------------------------------------------


def test_each_sends_a_letter_of_their_own_once(campaign: Path, account: sinch.SinchFake) -> None:
    set_senders_section(campaign, 'mode = "each"')
    ended = run("send", "--yes", folder=campaign)
    assert ended.code == 0 and [fax["to"] for fax in account.faxes] == ["+12025550101"] * 2
    assert "one from s-1  fax" in ended.out and "one from s-2  fax" in ended.out
    assert "gets 2 letters" in ended.out and "with the gaps" in ended.out
    assert run("send", "--yes", folder=campaign).out.count("sent already") == 2
    write_senders(campaign, TWO + "s-3,Eva Example,,2026-11-24\n")
    assert run("send", "--yes", folder=campaign).code == 0
    assert len(account.faxes) == 3, "one who signs later sends one more"


def test_the_letter_is_in_the_sender_s_name_and_answers_go_to_the_campaign(
    tmp_path: Path,
) -> None:
    folder = write(tmp_path, ["one one@example.org"], LETTER)
    write_senders(folder, TWO)
    set_senders_section(folder, 'mode = "each"')
    run("send", "--dry-run", folder=folder)
    mails = sorted((folder / "outbox").glob("*.eml"))
    assert [mail.name for mail in mails] == ["one-s-1-email.eml", "one-s-2-email.eml"]
    text = mails[0].read_text(encoding="utf-8")
    assert "From: Paula Beispiel <appeals@example.org>" in text
    assert "Paula Beispiel asks you" in text
    assert "Erika" not in text and "Max" not in text


def test_no_number_gets_more_than_twenty_a_day(campaign: Path, account: sinch.SinchFake) -> None:
    set_senders_section(campaign, 'mode = "each"')
    many = "".join(f"s-{n},Paula {n},,2026-11-20\n" for n in range(21))
    write_senders(campaign, HEAD + many)
    for words in (("--dry-run",), ("--yes",)):
        ended = run("send", *words, folder=campaign)
        assert ended.code == 2 and "21 letters" in ended.err and "joint" in ended.err
    assert not account.faxes
    write_senders(campaign, HEAD + "".join(many.splitlines(keepends=True)[:19]))
    assert run("send", "--yes", folder=campaign).code == 0 and len(account.faxes) == 19
    write_senders(campaign, HEAD + many)  # two more on the same day
    ended = run("send", "--yes", folder=campaign)
    assert ended.code == 2 and "21 letters" in ended.err and len(account.faxes) == 19


def test_the_status_of_many_can_be_looked_at(campaign: Path, account: sinch.SinchFake) -> None:
    set_senders_section(campaign, 'mode = "each"')
    run("send", "--yes", folder=campaign)
    write_senders(campaign, TWO + "".join(f"t-{n},Paula {n},,2026-11-20\n" for n in range(21)))
    told = run("status", "--json", folder=campaign)
    assert told.code == 3 and len(told.json["data"]["deliveries"]) == 23


def test_nobody_s_name_is_in_the_ledger_and_purge_takes_the_pages(
    campaign: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    set_senders_section(campaign, 'mode = "each"')
    run("send", "--yes", folder=campaign)
    ledger = default_path()
    kept = b"".join(path.read_bytes() for path in ledger.parent.glob("ledger.db*"))
    for name in (b"Paula", b"Beispiel", b"s-1", b"Wien"):
        assert name not in kept
    assert len(list((ledger.parent / "documents").iterdir())) == 2
    assert "names, places" in run("privacy", folder=campaign).out
    clock.sleep(40 * 86400)
    assert run("purge", "--yes", folder=campaign).code == 0
    assert not list((ledger.parent / "documents").iterdir())


def test_a_test_letter_and_a_look_are_one_senders(campaign: Path) -> None:
    set_senders_section(campaign, 'mode = "each"')
    assert run("preview", folder=campaign).out.count("asks you") == 1
    toml = campaign / "faxappeal.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("[sender]\n", '[sender]\nfax = "+49 30 23125 013"\n'))
    plan = run("send", "--to-me", "--dry-run", "--json", folder=campaign).json["data"]
    assert [row["sender"] for row in plan["deliveries"]] == ["s-1"]


def test_the_report_shows_each_letter(campaign: Path, account: sinch.SinchFake) -> None:
    set_senders_section(campaign, 'mode = "each"')
    run("send", "--yes", folder=campaign)
    told = run("report", "--html", campaign / "proof.html", "--json", folder=campaign)
    assert told.code == 0 and len(told.json["data"]["letters"]) == 2
