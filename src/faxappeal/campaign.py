"""A campaign is a folder: recipients.yaml, letter.j2, faxappeal.toml. Here it is read, once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from . import letter, recipients, settings
from .errors import UsageError
from .finding import Finding
from .letter import Context, Letter
from .press import Press

RECIPIENTS = "recipients.yaml"
OUTBOX = "outbox"


@dataclass(frozen=True)
class Campaign:
    """What the three files say, as far as they could be read, and what is wrong with them."""

    folder: Path
    recipients: recipients.Recipients
    letter: letter.LetterSource | None
    settings: settings.Settings | None
    findings: tuple[Finding, ...]
    press: Press = field(compare=False)


@dataclass(frozen=True)
class Ready:
    """A campaign whose files all could be read: what every step behind the checks works with."""

    folder: Path
    recipients: recipients.Recipients
    letter: letter.LetterSource
    settings: settings.Settings
    press: Press = field(compare=False)

    def write(self, context: Context) -> Letter:
        """The letter with the context's values; LetterError names the line and the variable."""
        return self.press.render(self.letter, context)


def read(folder: Path, press: Press | None = None) -> Campaign:
    """The campaign in `folder`; UsageError where there is none."""
    people = recipients.read(_text(folder, RECIPIENTS), RECIPIENTS)
    source, in_letter = letter.read(_text(folder, letter.FILE))
    values, in_settings = settings.read(_text(folder, settings.FILE), folder / ".env")
    findings = (*people.findings, *in_letter, *in_settings)
    return Campaign(folder, people, source, values, findings, press or Press())


def ready(campaign: Campaign) -> Ready | None:
    """The campaign without its doubts, or nothing where a file could not be read."""
    if campaign.letter is None or campaign.settings is None:
        return None
    return Ready(
        campaign.folder, campaign.recipients, campaign.letter, campaign.settings, campaign.press
    )


def _text(folder: Path, name: str) -> str:
    path = folder / name
    try:
        # newline="": the line ends stay, so that columns and lines are those of the file
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        raise UsageError(
            f"no {name} here", "go to the campaign's folder, or name it: faxappeal -C FOLDER …"
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name} is not UTF-8 text (byte {error.start + 1})", "save it as UTF-8 in your editor"
        ) from error
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}", "look at the file") from error
