"""`faxappeal init`: a commented campaign to edit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..campaign import letter, loading, settings, starter
from ..campaign.starter import NONE, Answers
from ..checks.placeholders import marks
from ..config.fields import NUMBER
from ..core.address import AddressError, email_address
from ..core.errors import UsageError
from ..core.files import write_new
from ..core.result import Result
from ..core.text import clean, did_you_mean, show
from ..providers import fax

_FILES = (loading.RECIPIENTS, letter.FILE, settings.FILE)


@dataclass(frozen=True)
class InitResult:
    """What was written, and what is left to do."""

    folder: Path
    files: tuple[str, ...]
    kept: tuple[str, ...]  # were there, and are as they were
    marks: int


def init(folder: Path, answers: Answers) -> Result:
    """Write a new campaign into `folder`. UsageError where one is there already."""
    refuse_a_second(folder)
    answers = replace(answers, campaign=answers.campaign or default_id(folder))
    files = starter.files(answers)
    kept = [name for name in files if (folder / name).exists()]
    for name, text in files.items():
        if name not in kept:
            write_new(folder / name, text.encode())
    written = tuple(name for name in files if name not in kept)
    left = sum(len(list(marks(text, name))) for name, text in files.items())
    return Result("init", InitResult(folder, written, tuple(kept), left))


def refuse_a_second(folder: Path) -> None:
    """UsageError where a campaign is in the folder already."""
    if folder.is_file():
        raise UsageError(f"{folder} is a file, not a folder", "name another place")
    for name in _FILES:
        if (folder / name).exists():
            raise UsageError(
                f"{folder / name} is there already", "name another folder: faxappeal init FOLDER"
            )


# -- answers ---------------------------------------------------------------------------------------


def parse_answers(**answers: str | None) -> Answers:
    """What was given on the command line. UsageError or AddressError names what cannot be used."""
    read = {name: READERS[name](said) for name, said in answers.items() if said is not None}
    return Answers(**read)


def default_id(folder: Path) -> str:
    """A campaign's id by its folder."""
    return _id_of(folder.resolve().name) or "my-campaign"


def _id_of(name: str) -> str:
    """An id from a name as people write it: `Für Erika!` is `fur-erika`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]


def _campaign(said: str) -> str:
    if id := _id_of(said):
        return id
    raise UsageError(f"{show(said)} has no letter or digit in it", "as in free-the-writers")


def _sender(said: str) -> str:
    return clean(said)


def _phone(said: str) -> str:
    if not re.fullmatch(NUMBER, said):
        message = f"{show(said)} is no number in international form"
        raise UsageError(message, "as in +49 30 23125 012")
    return said


def _email(said: str) -> str:
    try:
        return email_address(said)
    except AddressError as error:
        raise UsageError(f"{show(said)}: {error}", error.hint) from error


def _account(said: str) -> str:
    known = [*fax.names(), NONE]
    if said in known:
        return said
    guess = did_you_mean(said, known)
    hint = f"did you mean {guess}?" if guess else f"there are: {', '.join(known)}"
    raise UsageError(f"no fax account {show(said)}", hint)


def _host(said: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,200}", said):
        raise UsageError(f"{show(said)} is no server's name", "as in mail.example.org, or none")
    return said


READERS: Mapping[str, Callable[[str], str]] = {
    "campaign": _campaign,
    "sender": _sender,
    "phone": _phone,
    "email": _email,
    "account": _account,
    "mail_server": _host,
}
