"""Sinch, against a fake that keeps every fax it accepts and refuses what Sinch would refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns import run, write
from tests.clock import FakeClock
from tests.fakes import sinch
from tests.fakes.web import Reply, Request

NUMBER = "+12025550101"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def _in_office_hours(clock: FakeClock) -> None:
    clock.sleep(7 * 3600)  # 10 o'clock in New York


def test_the_letter_goes_out_once_and_the_second_run_says_so(tmp_path: Path) -> None:
    with sinch.sinch() as account:
        folder = write(tmp_path, settings=sinch.settings(account))
        first = run("send", "--yes", folder=folder)
        second = run("send", "--yes", folder=folder)
    assert first.code == 0, first
    assert "The letter is sent." in first.out
    assert second.code == 0
    assert "sent already: delivered" in second.out
    assert len(account.faxes) == 1
    [fax] = account.faxes
    assert fax["to"] == NUMBER and fax["maxRetries"] == 0


def test_the_page_arrives_in_black_and_white_on_the_fax_grid(tmp_path: Path) -> None:
    import pypdfium2

    with sinch.sinch() as account:
        run("send", "--yes", folder=write(tmp_path, settings=sinch.settings(account)))
    [pdf] = account.documents
    with pypdfium2.PdfDocument(pdf) as document:
        [image] = list(document[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))
        bitmap = image.get_bitmap().to_pil()
    assert bitmap.size == (1728, 2292)
    assert set(bitmap.convert("L").histogram()[1:255]) == {0}


@pytest.mark.parametrize(
    ("ending", "state", "cause", "code"),
    [
        (sinch.BUSY, "waiting", "busy", 3),
        (sinch.VOICE, "held", "voice", 3),
        (sinch.PARTIAL, "unknown", None, 4),
        (
            {"status": "FAILURE", "errorType": "CALL_ERROR", "errorCode": 34},
            "failed",
            "bad-number",
            3,
        ),
        ({"status": "FAILURE", "errorType": "FAX_ERROR", "errorCode": 4711}, "unknown", None, 4),
        ({"status": "RESTING"}, "unknown", None, 4),
    ],
)
def test_each_ending_has_its_state_and_cause(
    tmp_path: Path,
    clock: FakeClock,
    ending: dict[str, object],
    state: str,
    cause: str | None,
    code: int,
) -> None:
    with sinch.sinch(endings={"0101": ending}) as account:
        folder = write(
            tmp_path,
            ["one +12025550101", "two +12025550102"],
            settings=sinch.settings(account),
        )
        run("send", "--yes", "--no-wait", folder=folder)
        for _ in range(3):
            clock.sleep(10)
            ended = run("status", "--json", folder=folder)
    one, two = ended.json["data"]["deliveries"]
    assert (one["state"], one["cause"]) == (state, cause)
    assert two["state"] == "delivered", "the others still go out"
    assert ended.code == code


def test_an_answer_that_was_lost_is_found_by_our_reference(tmp_path: Path) -> None:
    def cut(_request: Request) -> Reply:
        return Reply(cut=True)

    with sinch.sinch(after=cut) as account:
        folder = write(tmp_path, settings=sinch.settings(account))
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 0, ended
    assert len(account.faxes) == 1


def test_an_error_after_acceptance_is_no_reason_to_send_again(tmp_path: Path) -> None:
    with sinch.sinch(after=lambda _request: Reply(500)) as account:
        ended = run("send", "--yes", folder=write(tmp_path, settings=sinch.settings(account)))
    assert ended.code == 0
    assert len(account.faxes) == 1


def test_a_request_that_vanished_is_unknown_and_is_not_sent_again(tmp_path: Path) -> None:
    with sinch.sinch(before=lambda _request: Reply(cut=True)) as account:
        folder = write(tmp_path, settings=sinch.settings(account))
        ended = run("send", "--yes", folder=folder)
        again = run("send", "--yes", folder=folder)
    assert (ended.code, again.code) == (4, 4)
    assert account.submissions == 1
    assert "unknown" in again.out


@pytest.mark.parametrize(("status", "cause"), [(401, "account"), (402, "account")])
def test_trouble_with_the_account_stops_the_run(tmp_path: Path, status: int, cause: str) -> None:
    with sinch.sinch(before=lambda _request: Reply(status)) as account:
        folder = write(
            tmp_path, ["one +12025550101", "two +12025550102"], settings=sinch.settings(account)
        )
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 5
    assert account.submissions == 1, "the second letter was not tried"
    assert "2 letters have NOT left." in ended.out
    assert "Hint:" in ended.err
    assert sinch.SECRET not in ended.out + ended.err


def test_a_missing_secret_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAXAPPEAL_FAX__SINCH__KEY_SECRET")
    with sinch.sinch() as account:
        ended = run("send", "--yes", folder=write(tmp_path, settings=sinch.settings(account)))
    assert ended.code == 5
    assert "FAXAPPEAL_FAX__SINCH__KEY_SECRET" in ended.err
    assert not account.submissions


def test_a_dead_provider_is_tried_again_later(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        settings='\n[fax]\naccount = "sinch"\n[fax.sinch]\nproject_id = "p"\nkey_id = "k"\n'
        'url = "http://127.0.0.1:9"\n',
    )
    ended = run("send", "--yes", "--no-wait", "--json", folder=folder)
    assert ended.code == 3
    [row] = ended.json["data"]["deliveries"]
    assert (row["state"], row["cause"]) == ("waiting", "provider")


def test_the_far_end_prints_our_header_line(tmp_path: Path) -> None:
    with sinch.sinch() as account:
        run("send", "--yes", folder=write(tmp_path, settings=sinch.settings(account)))
    [pdf] = account.documents
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=2).to_pil().convert("L")
    top = image.crop((0, 0, image.width, image.height // 30))
    assert top.getextrema()[0] < 128, "the margin on top holds the line"
