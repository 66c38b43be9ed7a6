"""The documents that were sent: each kept once, by its hash, and deleted when it is not needed."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.ledger.documents import Documents

PAGE = b"II*\0 a page"
HALF = f".{'a' * 64}.{'0' * 16}.part"  # that a killed run left


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return Documents(tmp_path / "data" / "documents")


def names(documents: Documents) -> set[str]:
    return {path.name for path in documents.folder.iterdir()}


def test_a_document_is_kept_by_its_hash_for_its_owner_alone(documents: Documents) -> None:
    digest = documents.put(PAGE)
    assert digest == hashlib.sha256(PAGE).hexdigest()
    assert documents.get(digest) == PAGE
    assert documents.folder.stat().st_mode & 0o777 == 0o700
    assert (documents.folder / digest).stat().st_mode & 0o777 == 0o600


def test_the_same_document_is_kept_once(documents: Documents) -> None:
    assert documents.put(PAGE) == documents.put(PAGE)
    assert documents.size() == (1, len(PAGE))


@pytest.mark.parametrize(
    "on_disk", [None, b"", PAGE[:-1], PAGE + b"!"], ids=["purged", "empty", "cut", "changed"]
)
def test_what_is_not_as_it_was_sent_is_not_shown(
    documents: Documents, on_disk: bytes | None
) -> None:
    digest = documents.put(PAGE)
    path = documents.folder / digest
    path.unlink() if on_disk is None else path.write_bytes(on_disk)
    assert documents.get(digest) is None


def test_where_nothing_was_sent_there_is_nothing(documents: Documents) -> None:
    assert documents.size() == (0, 0)
    assert documents.keep_only(frozenset()) == 0
    assert not documents.folder.exists()


def test_what_is_still_needed_stays(documents: Documents) -> None:
    needed, old = documents.put(b"needed"), documents.put(b"old")
    assert documents.keep_only(frozenset({needed})) == 1
    assert documents.get(needed) == b"needed" and documents.get(old) is None


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        ("a" * 64, True),
        (f"{'a' * 64}.part", True),
        (HALF, True),
        ("notes.txt", False),
        ("A" * 64, False),
        ("a" * 63, False),
        (f"{'a' * 64}.pdf", False),
        (".part", False),
    ],
    ids=["document", "half", "newer half", "notes", "capitals", "too short", "PDF", "a name alone"],
)
def test_only_what_is_ours_is_counted_and_deleted(
    documents: Documents, name: str, is_ours: bool
) -> None:
    documents.folder.mkdir(parents=True)
    (documents.folder / name).write_bytes(b"12345")
    assert documents.size() == ((1, 5) if is_ours else (0, 0))
    assert documents.keep_only(frozenset()) == is_ours
    assert names(documents) == (set() if is_ours else {name})


def test_a_folder_of_somebody_else_s_stays(documents: Documents) -> None:
    (documents.folder / "more").mkdir(parents=True)
    documents.put(PAGE)
    assert documents.keep_only(frozenset()) == 1
    assert names(documents) == {"more"}


@pytest.mark.parametrize(
    ("age", "deleted"), [(60, 0), (7200, 1)], ids=["of a minute ago", "of two hours ago"]
)
def test_what_another_machine_has_just_put_there_is_spared(
    documents: Documents, age: int, deleted: int
) -> None:
    path = documents.folder / documents.put(PAGE)
    written = time.time() - age
    os.utime(path, (written, written))
    assert documents.keep_only(frozenset(), spare=timedelta(hours=1)) == deleted


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SetupError, match="the documents' folder cannot be written") as refused:
        Documents(tmp_path / "file" / "documents").put(PAGE)
    assert str(tmp_path / "file") in refused.value.hint


def test_a_document_that_cannot_be_deleted_is_said(documents: Documents) -> None:
    (documents.folder / ("a" * 64)).mkdir(parents=True)  # no file
    with pytest.raises(SetupError, match="a document cannot be deleted") as refused:
        documents.keep_only(frozenset())
    assert "purge again" in refused.value.hint
