"""`faxappeal preview`: what it says of pages, images and fonts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.support.appeal import png
from tests.support.campaigns import run, write


def test_preview_calculates_the_seconds_of_both_rates(tmp_path: Path) -> None:
    folder = write(tmp_path)
    [shown] = run("preview", "--json", folder=folder).json["data"]["sheets"]
    assert not shown["seconds_measured"]
    text = run("preview", folder=folder).out.splitlines()[-2]
    fast, slow = re.findall(r"(\d+) s\b", text)
    assert text == f"    about {fast} s on the line at 14,400 bit/s, {slow} s at 9,600"
    assert (int(fast), int(slow)) == (round(shown["seconds"]), round(shown["slow_seconds"]))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "not a file in the campaign's folder"),
        (b"", "not a PNG or JPEG image"),
        (b"\x89PNG\r\n\x1a\n damaged", "not a PNG or JPEG image"),
        (b"GIF89a" + bytes(100), "not a PNG or JPEG image"),
        (png(20_000, 20_000), "more than 40 million pixels"),
        (png(7_000, 7_000), "more than 40 million pixels"),
    ],
)
def test_a_file_that_is_no_image_is_named_with_its_line(
    tmp_path: Path, data: bytes | None, said: str
) -> None:
    if data is not None:
        (tmp_path / "x.png").write_bytes(data)
    letter = "---\nsubject: Hello\n---\n{{ to.salutation }},\n\n![words](x.png)\n"
    ended = run("check", folder=write(tmp_path, letter=letter))
    assert ended.code == 1
    assert f"letter.j2:6:1: error letter x.png: {said}" in ended.out


def test_an_image_is_never_taken_from_outside_the_folder(tmp_path: Path) -> None:
    Image.new("L", (10, 10)).save(tmp_path / "secret.png")
    folder = tmp_path / "campaign"
    folder.mkdir()
    (folder / "x.png").symlink_to(tmp_path / "secret.png")
    letter = "---\nsubject: Hello\n---\n![words](x.png)\n"
    assert run("check", folder=write(folder, letter=letter)).code == 1


def test_what_runs_off_the_paper_is_an_error(tmp_path: Path) -> None:
    cells = "|" + ("W" * 13 + "|") * 8
    letter = f"---\nsubject: Hello\n---\n{'|a' * 8}|\n{'|-' * 8}|\n{cells}\n"
    ended = run("preview", folder=write(tmp_path, letter=letter))
    assert ended.code == 2 and "on page 1 something is wider than the paper" in ended.err


def test_a_missing_character_names_what_to_install(tmp_path: Path) -> None:
    letter = "---\nsubject: Hello\nlanguage: th\n---\nสวัสดี\n"
    ended = run("preview", folder=write(tmp_path, letter=letter))
    assert ended.code == 1
    assert re.search("no font has the character . \\(U\\+0E..\\)", ended.err)
    assert "pip install 'faxappeal[thai]'" in ended.err


def test_a_font_file_of_ones_own(tmp_path: Path) -> None:
    import fontpkg_hind_siliguri as package

    file = Path(str(package.__file__)).parent / "files" / "HindSiliguri-Medium.ttf"
    (tmp_path / "own.ttf").write_bytes(file.read_bytes())
    letter = "---\nsubject: Hello\nlanguage: bn\n---\nনমস্কার\n"
    folder = write(tmp_path, letter=letter, settings='\n[fax]\nfonts = ["own.ttf"]\n')
    assert run("preview", folder=folder).code == 0
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    folder = write(tmp_path, letter=letter, settings='\n[fax]\nfonts = ["bad.ttf"]\n')
    ended = run("preview", folder=folder)
    assert ended.code == 1 and "faxappeal.toml:11:1: bad.ttf is no font file" in ended.err
