"""The outbox: what a dry run leaves in the campaign's folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.delivery.outbox import Outbox
from faxappeal.providers.base import Job

FAX = Job("fa-1", "+12025550101", b"TIFF", b"PDF")
EMAIL = Job("fa-2", "office@example.org", b"MESSAGE")


@pytest.mark.parametrize(
    ("kind", "job", "expected"),
    [
        ("fax", FAX, {"one.tif": b"TIFF", "one.pdf": b"PDF"}),
        ("email", EMAIL, {"one.eml": b"MESSAGE"}),
    ],
    ids=["fax", "email"],
)
def test_a_letter_is_written_byte_for_byte(
    tmp_path: Path, kind: str, job: Job, expected: dict[str, bytes]
) -> None:
    paths = Outbox(tmp_path / "outbox").put("one", job, kind)
    assert {path.name: path.read_bytes() for path in paths} == expected
    assert sorted(paths) == sorted((tmp_path / "outbox").iterdir())


def test_a_later_dry_run_replaces_its_letters(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    outbox.put("one", Job("fa-1", "office@example.org", b"OLD"), "email")
    [path] = outbox.put("one", EMAIL, "email")
    assert path.read_bytes() == b"MESSAGE"


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_no_other_user_can_look_into_it(tmp_path: Path) -> None:
    [path] = Outbox(tmp_path / "outbox").put("one", EMAIL, "email")
    assert path.parent.stat().st_mode & 0o077 == 0 and path.stat().st_mode & 0o077 == 0


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "outbox").symlink_to(elsewhere)
    with pytest.raises(SetupError, match="outbox is a link") as caught:
        Outbox(tmp_path / "outbox").put("one", EMAIL, "email")
    assert "remove the link outbox" in caught.value.hint
    assert not list(elsewhere.iterdir())
