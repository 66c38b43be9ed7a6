"""The program's own words in a letter, in the letter's language: see labels.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

_TRADITIONAL = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")


@dataclass(frozen=True)
class Words:
    """What is printed around a letter: `{n}`, `{m}` and `{name}` are filled in."""

    telefax: str
    phone: str
    email: str
    copy: str
    page: str
    notice: str
    signed: str
    others: str


def words(language: str) -> Words:
    """Our words in a language, or in English where we have none."""
    tag = language.lower()
    name = "zh-hant" if tag.startswith(_TRADITIONAL) else tag.split("-")[0]
    return _labels().get(name, _labels()["en"])


@cache
def _labels() -> Mapping[str, Words]:
    from importlib.resources import files

    text = files(__package__).joinpath("labels.toml").read_text(encoding="utf-8")
    return {language: Words(**labels) for language, labels in tomllib.loads(text).items()}
