"""What a person hears who answers a check call."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from xml.etree import ElementTree

import pytest

from faxappeal import providers
from faxappeal.providers.call_script import twiml

NUMBER = "+49 30 23125-012"
LANGUAGES = tomllib.loads(files(providers).joinpath("call_script.toml").read_text("utf-8"))


def heard(language: str, name: str = "Erika Mustermann") -> tuple[str, str]:
    """The voice and the sentences; and nothing but them, and then the end of the call."""
    say, hangup = ElementTree.fromstring(twiml(name, NUMBER, language))
    assert (say.tag, hangup.tag) == ("Say", "Hangup")
    return say.attrib["language"], say.text or ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_who_calls_and_from_which_number(language: str) -> None:
    voice, text = heard(language)
    assert voice.startswith(f"{language}-")
    assert "Erika Mustermann" in text and "4, 9, 3, 0, 2, 3, 1, 2, 5, 0, 1, 2" in text
    assert "{" not in text


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("de-AT", "de-DE"),
        ("DE", "de-DE"),
        ("zh-Hant-TW", "zh-CN"),
        ("en-US", "en-GB"),
        ("tlh", "en-GB"),
        ("", "en-GB"),
    ],
)
def test_the_voice_is_of_the_letters_language_or_english(language: str, voice: str) -> None:
    assert heard(language)[0] == voice


def test_a_name_cannot_say_a_command() -> None:
    name = "</Say><Dial>+12025550101</Dial> & {number}"
    _, text = heard("en", name)
    assert name in text
