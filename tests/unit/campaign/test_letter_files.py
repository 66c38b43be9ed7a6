"""Which files go with a letter, and which never do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faxappeal.campaign import letter_files
from faxappeal.campaign.letter_files import FileProblem, LetterFiles
from faxappeal.core.files import NotPlain
from tests.support.campaigns import write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A campaign's folder with an attachment, a secret and a file outside."""
    folder = write(tmp_path / "campaign")
    (folder / "sub").mkdir()
    for name in ("facts.pdf", "sub/facts.pdf", "../outside.pdf"):
        (folder / name).write_bytes(b"%PDF-1.4")
    (folder / ".env").write_text("SECRET=x")
    return folder


def problem(folder: Path, name: str) -> str:
    with pytest.raises(FileProblem) as refused:
        LetterFiles(folder).read(name)
    return str(refused.value)


@pytest.mark.parametrize("name", ["facts.pdf", "sub/facts.pdf"])
def test_a_file_of_the_folder_is_read_once(folder: Path, name: str) -> None:
    files = LetterFiles(folder)
    assert files.read(name) == b"%PDF-1.4"
    (folder / name).unlink()
    assert files.read(name) == b"%PDF-1.4", "the same in every letter of a run"


@pytest.mark.parametrize(
    "name", ["nowhere.pdf", "sub", "../outside.pdf", "sub/../facts.pdf", "/etc/hostname", "", "."]
)
def test_what_is_not_a_file_in_the_folder(folder: Path, name: str) -> None:
    assert problem(folder, name) == "not a file in the campaign's folder"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "recipients.yaml",
            "recipients.schema.json",
            "letter.j2",
            "letter.fr.j2",
            ".env",
            ".env.old",
        ),
        *("faxappeal.toml", "senders.csv", "deliveries.jsonl", ".gitignore", "outbox/one.eml"),
        *("Recipients.YAML", "FAXAPPEAL.TOML", "Outbox/x.pdf", "faxappeal.toml.", "senders.csv "),
        "\u017fenders.csv",  # a long s, which no letter case tells from s
        "\uff4cetter.j2",  # a wide l, which means the same
    ],
)
def test_the_campaigns_own_files_go_with_no_letter(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")
    assert problem(folder, name).startswith("the campaign's own file")


@pytest.mark.parametrize(
    "name", ["sub/recipients.yaml", "my-letter.j2.pdf", "senders.csv.pdf", "outbox.pdf", "a.env"]
)
def test_a_file_whose_name_is_only_like_them_may_go(folder: Path, name: str) -> None:
    (folder / name).write_text("x")
    assert LetterFiles(folder).read(name) == b"x"


@pytest.mark.parametrize("name", [".env", "recipients.yaml", "letter.j2", "faxappeal.toml"])
def test_another_name_for_one_of_them_helps_nothing(folder: Path, name: str) -> None:
    os.link(folder / name, folder / "brief.pdf")
    assert problem(folder, "brief.pdf").startswith("the campaign's own file")


@pytest.mark.parametrize("target", ["facts.pdf", "../outside.pdf", ".env"])
def test_a_link_is_no_file(folder: Path, target: str) -> None:
    (folder / "brief.pdf").symlink_to(target)
    assert problem(folder, "brief.pdf").startswith("a link, not a file")


def test_a_file_behind_a_link_is_none_either(folder: Path, tmp_path: Path) -> None:
    (folder / "elsewhere").symlink_to(tmp_path)
    assert problem(folder, "elsewhere/outside.pdf").startswith("a link, not a file")


def test_a_folder_may_itself_lie_behind_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert LetterFiles(tmp_path / "link").read("facts.pdf") == b"%PDF-1.4"


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_a_file_that_no_mail_server_takes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, more: int, fits: bool
) -> None:
    monkeypatch.setattr(letter_files, "MAX_FILE", 2_000_000)
    (folder / "facts.pdf").write_bytes(b"x" * (2_000_000 + more))
    if fits:
        assert len(LetterFiles(folder).read("facts.pdf")) == 2_000_000
    else:
        assert problem(folder, "facts.pdf") == "larger than 2 MB"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied"), "cannot be read: Permission denied"),
        (NotPlain("a link"), "not a file in the campaign's folder"),
    ],
    ids=["no rights", "made a link since"],
)
def test_a_file_that_cannot_be_read_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    def refuses(path: Path, at_most: int) -> bytes:
        raise error

    monkeypatch.setattr("faxappeal.core.files.read", refuses)
    assert problem(folder, "facts.pdf") == words
