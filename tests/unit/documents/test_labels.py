"""The program's own words in a letter."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict
from importlib.resources import files

import pytest

from faxappeal.documents.labels import words

TABLE = tomllib.loads(
    files("faxappeal.documents").joinpath("labels.toml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("language", "copy"),
    [
        ("en", "Copy to"),
        ("de", "Kopie an"),
        ("de-AT", "Kopie an"),
        ("DE", "Kopie an"),
        ("xx", "Copy to"),
        ("den", "Copy to"),
    ],
)
def test_a_letter_has_our_words_in_its_language_or_in_english(language: str, copy: str) -> None:
    assert words(language).copy == copy


@pytest.mark.parametrize("language", ["zh-TW", "zh-HK", "zh-MO", "zh-Hant", "zh-Hant-CN"])
def test_where_traditional_characters_are_written_ours_are_too(language: str) -> None:
    assert words(language) == words("zh-Hant") != words("zh")


@pytest.mark.parametrize("language", TABLE)
def test_each_language_has_all_words_with_what_is_filled_in(language: str) -> None:
    found = asdict(words(language))
    english = asdict(words("en"))
    for name, text in found.items():
        assert text.strip()
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[name])), name
