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
    refuse_existing(folder)
    answers = replace(answers, campaign=answers.campaign or default_id(folder))
    files = starter.files(answers)
    kept = tuple(name for name in files if (folder / name).exists())
    written = tuple(name for name in files if name not in kept)
    for name in written:
        write_new(folder / name, files[name].encode())
    left = sum(len(list(marks(text, name))) for name, text in files.items())
    return Result("init", InitResult(folder, written, kept, left))


def refuse_existing(folder: Path) -> None:
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
    given = {name: text for name, text in answers.items() if text is not None}
    return Answers(**{name: READERS[name](text) for name, text in given.items()})


def default_id(folder: Path) -> str:
    """A campaign's id by its folder."""
    return _id_of(folder.resolve().name) or "my-campaign"


def _id_of(name: str) -> str:
    """An id from a name as people write it: `Für Erika!` is `fur-erika`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]


def _campaign(answer: str) -> str:
    if id := _id_of(answer):
        return id
    raise UsageError(f"{show(answer)} has no letter or digit in it", "as in free-the-writers")


def _phone(answer: str) -> str:
    if not re.fullmatch(NUMBER, answer):
        raise UsageError(
            f"{show(answer)} is no number in international form", "as in +49 30 23125 012"
        )
    return answer


def _email(answer: str) -> str:
    try:
        return email_address(answer)
    except AddressError as error:
        raise UsageError(f"{show(answer)}: {error}", error.hint) from error


def _account(answer: str) -> str:
    known = [*fax.names(), NONE]
    if answer in known:
        return answer
    guess = did_you_mean(answer, known)
    hint = f"did you mean {guess}?" if guess else f"there are: {', '.join(known)}"
    raise UsageError(f"no fax account {show(answer)}", hint)


def _host(answer: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,200}", answer):
        raise UsageError(f"{show(answer)} is no server's name", "as in mail.example.org, or none")
    return answer


READERS: Mapping[str, Callable[[str], str]] = {
    "campaign": _campaign,
    "sender": clean,
    "phone": _phone,
    "email": _email,
    "account": _account,
    "mail_server": _host,
}
