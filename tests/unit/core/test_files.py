"""Files in a folder that somebody else made: no link is followed, no half of a file is left."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from faxappeal.core.errors import UsageError
from faxappeal.core.files import NotPlain, has_link, read, replace, write_new

NO_LINKS = "on Windows only administrators make links"
posix = pytest.mark.skipif(os.name != "posix", reason=NO_LINKS)


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is found full when a file goes to it."""

    class Full:
        def __init__(self, file: Any) -> None:
            self._file = file

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def write(self, data: bytes) -> None:
            self._file.write(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

    real_fdopen, real_open = os.fdopen, open
    monkeypatch.setattr(os, "fdopen", lambda *given: Full(real_fdopen(*given)))
    monkeypatch.setattr("builtins.open", lambda *given, **named: Full(real_open(*given, **named)))


# -- links -------------------------------------------------------------------------------------


@pytest.fixture
def cloned(tmp_path: Path) -> Path:
    """A folder with plain files, and with links in and below it."""
    root = tmp_path / "cloned"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "plain.pdf").write_text("plain")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine").write_text("mine")
    (root / "file-link").symlink_to(tmp_path / "elsewhere" / "mine")
    (root / "folder-link").symlink_to(tmp_path / "elsewhere")
    (root / "inner-link").symlink_to("sub/plain.pdf")
    (root / "broken-link").symlink_to("nowhere")
    return root


@posix
@pytest.mark.parametrize(
    ("name", "linked"),
    [
        ("sub/plain.pdf", False),
        ("sub", False),
        ("not/there/yet", False),
        ("file-link", True),
        ("folder-link", True),
        ("folder-link/mine", True),
        ("folder-link/not-there-yet", True),
        ("inner-link", True),
        ("broken-link", True),
    ],
)
def test_a_link_is_seen_in_the_path_and_before_it(cloned: Path, name: str, linked: bool) -> None:
    assert has_link(cloned, cloned / name) is linked


@posix
def test_the_root_itself_may_be_behind_a_link(cloned: Path, tmp_path: Path) -> None:
    root = tmp_path / "by-another-name"
    root.symlink_to(cloned)
    assert not has_link(root, root / "sub" / "plain.pdf")
    assert has_link(root, root / "file-link")


# -- replace -----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, "", "a longer text that was there before"])
def test_a_file_is_replaced_whole(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "list.yaml"
    if before is not None:
        path.write_text(before)
    replace(path, b"new")
    assert path.read_bytes() == b"new" and names(tmp_path) == ["list.yaml"]


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_replaced_file_has_the_rights_that_are_asked_for(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("old")
    path.chmod(0o666)
    replace(path, b"new", mode)
    assert rights(path) == mode


@posix
def test_a_link_is_replaced_and_not_followed(cloned: Path, tmp_path: Path) -> None:
    replace(cloned / "file-link", b"new")
    assert not (cloned / "file-link").is_symlink()
    assert (cloned / "file-link").read_bytes() == b"new"
    assert (tmp_path / "elsewhere" / "mine").read_text() == "mine"


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_the_old_file_and_no_half_of_the_new(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="No space left"):
        replace(path, b"new and longer")
    assert path.read_bytes() == b"old" and names(tmp_path) == ["list.yaml"]


def test_a_file_and_then_its_name_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = tmp_path / "list.yaml", []

    def sync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        synced.append(("folder" if is_folder else "file", path.exists()))

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(sys, "platform", "linux")
    replace(path, b"new")
    assert synced == [("file", False), ("folder", True)]


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").mkdir()
    with pytest.raises(OSError):
        replace(tmp_path / "list.yaml", b"new")
    assert names(tmp_path) == ["list.yaml"]


# -- read --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "at_most", "found"),
    [
        pytest.param(b"letter", 10, b"letter", id="smaller"),
        pytest.param(b"letter", 6, b"letter", id="as large as it may be"),
        pytest.param(b"letters", 6, b"letters", id="one byte more tells that it is larger"),
        pytest.param(b"letters and more", 6, b"letters", id="the rest is not read"),
        pytest.param(b"a\r\nb\x00", 6, b"a\r\nb\x00", id="bytes as they are"),
        pytest.param(b"", 6, b"", id="empty"),
    ],
)
def test_a_file_is_read_up_to_a_size(
    tmp_path: Path, content: bytes, at_most: int, found: bytes
) -> None:
    (tmp_path / "letter.j2").write_bytes(content)
    assert read(tmp_path / "letter.j2", at_most) == found


@posix
@pytest.mark.parametrize("kind", ["file-link", "inner-link", "broken-link", "folder-link"])
def test_a_link_is_not_read(cloned: Path, kind: str) -> None:
    with pytest.raises(NotPlain, match="a link"):
        read(cloned / kind, 100)


@posix
def test_a_folder_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        read(tmp_path, 100)


@posix
def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "letter.j2")
    with pytest.raises(NotPlain, match="not a regular file"):
        read(tmp_path / "letter.j2", 100)


def test_a_file_that_is_not_there_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "letter.j2", 100)


# -- write_new ---------------------------------------------------------------------------------


@posix
def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "report.html"
    before = os.umask(0)
    try:
        write_new(path, b"report")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"report" and rights(path) == 0o600


def test_what_is_there_already_stays(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(UsageError, match="is there already") as refused:
        write_new(path, b"new")
    assert "--force" in refused.value.hint and path.read_text() == "old"


@pytest.mark.parametrize("before", [None, "a longer text that was there before"])
def test_what_is_there_may_be_overwritten(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "report.html"
    if before is not None:
        path.write_text(before)
    write_new(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"


@posix
@pytest.mark.parametrize("kind", ["file-link", "broken-link"])
def test_nothing_is_written_through_a_link(cloned: Path, tmp_path: Path, kind: str) -> None:
    with pytest.raises(UsageError, match="is there already"):
        write_new(cloned / kind, b"new")
    write_new(cloned / kind, b"new", overwrite=True)
    assert not (cloned / kind).is_symlink() and (cloned / kind).read_bytes() == b"new"
    assert (tmp_path / "elsewhere" / "mine").read_text() == "mine"
    assert not (cloned / "nowhere").exists()


def test_a_folder_is_made_only_where_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "out" / "report.html"
    with pytest.raises(UsageError, match=r"there is no folder .*out") as refused:
        write_new(path, b"report", makes_folder=False)
    assert refused.value.hint and not path.parent.exists()
    path.parent.mkdir()
    write_new(path, b"report", makes_folder=False)
    assert path.read_bytes() == b"report"


@pytest.mark.parametrize("name", ["a-file/report.html", "a-file/below/report.html"])
def test_a_file_is_no_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "a-file").write_text("mine")
    with pytest.raises(UsageError, match=r"a-file is a file, not a folder"):
        write_new(tmp_path / name, b"report")


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(UsageError, match="cannot write") as refused:
        write_new(tmp_path / "report.html", b"report", overwrite=True)
    assert refused.value.hint and (tmp_path / "report.html").is_dir()


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_no_half_of_a_new_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"report\.html: No space left on device") as refused:
        write_new(tmp_path / "report.html", b"report")
    assert "make room" in refused.value.hint and not names(tmp_path)
