"""What a person hears who answers a check call: one sentence, and who it is from."""

from __future__ import annotations

import re
import tomllib


def twiml(name: str, number: str, language: str) -> str:
    """The TwiML that Twilio speaks: in the language of the letter, or in English if
    call_script.toml does not have that language. The number is spoken digit by digit."""
    from importlib.resources import files

    from twilio.twiml.voice_response import VoiceResponse

    script = files(__package__).joinpath("call_script.toml").read_text(encoding="utf-8")
    languages = tomllib.loads(script)
    spoken = languages.get(language.split("-")[0].lower(), languages["en"])
    digits = ", ".join(re.sub(r"\D", "", number))
    response = VoiceResponse()
    response.say(spoken["text"].format(name=name, number=digits), language=spoken["voice"])
    response.hangup()
    return str(response)
