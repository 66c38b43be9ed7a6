"""Sinch, against a fake that keeps every fax it accepts and refuses what Sinch would refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch

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


def test_the_far_end_prints_our_header_line(tmp_path: Path) -> None:
    with sinch.sinch() as account:
        run("send", "--yes", folder=write(tmp_path, settings=sinch.settings(account)))
    [pdf] = account.documents
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=2).to_pil().convert("L")
    top = image.crop((0, 0, image.width, image.height // 30))
    assert top.getextrema()[0] < 128, "the margin on top holds the line"
