"""Files from outside, and files for their owner alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faxappeal.core.errors import UsageError
from faxappeal.core.files import NotPlain, read, write_new


def test_a_file_is_read_up_to_a_byte_more_than_it_may_have(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert (read(path, 5), read(path, 3)) == (b"12345", b"1234")


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_what_is_no_regular_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    if kind == "link":
        (tmp_path / "b").write_text("b")
        path.symlink_to("b")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises((NotPlain, IsADirectoryError)):
        read(path, 10)


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "a", 10)


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a"
    write_new(path, b"text")
    assert path.read_bytes() == b"text" and path.stat().st_mode & 0o777 == 0o600


def test_a_file_is_not_written_over_unless_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(UsageError, match="is there already"):
        write_new(path, b"new")
    assert path.read_bytes() == b"old"
    write_new(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    with pytest.raises(UsageError):
        write_new(tmp_path / "link", b"new")
    write_new(tmp_path / "link", b"new", overwrite=True)
    assert (tmp_path / "target").read_bytes() == b"old"
    assert not (tmp_path / "link").is_symlink()


def test_a_folder_is_made_only_where_that_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        write_new(tmp_path / "new" / "a", b"", makes_folder=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file, not a folder"):
        write_new(tmp_path / "file" / "a", b"")


class FullDisk:
    """A file of which only the beginning finds room."""

    def __init__(self, path: Path) -> None:
        path.touch()

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, data: bytes) -> None:
        raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.open", lambda path, *_, **__: FullDisk(path))
    with pytest.raises(UsageError, match="No space left on device"):
        write_new(tmp_path / "a", b"text")
    monkeypatch.undo()
    assert not (tmp_path / "a").exists()
