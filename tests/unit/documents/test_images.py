"""Images: nothing private stays in them."""

from __future__ import annotations

from pathlib import Path

from faxappeal.documents import images, page
from tests.support.appeal import (
    build_message,
    rich,
)


def test_what_a_camera_wrote_stays_here(tmp_path: Path) -> None:
    letter = rich(tmp_path)
    assert b"activist" in (tmp_path / "road.jpg").read_bytes()
    pdf = page.pdf(letter, "a4")
    assert b"activist" not in pdf and b"activist" not in build_message(letter, pdf)
    assert all(b"activist" not in images.picture(data).data for data in letter.pictures.values())
