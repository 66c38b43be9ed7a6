"""A campaign is a folder: recipients.yaml, letter.j2, faxappeal.toml. Here it is read, once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from ..config.fields import env_var_name
from ..config.sections import LedgerSection
from ..core.errors import UsageError
from ..core.finding import Finding, InvalidCampaign, errors
from . import letter, recipients, senders, settings
from .letter import Context, Letter
from .letter_files import LetterFiles
from .senders import Signatory
from .template_process import TemplateProcess

RECIPIENTS = "recipients.yaml"


@dataclass(frozen=True)
class Campaign:
    """What the three files say, as far as they could be read, and what is wrong with them."""

    folder: Path
    recipients: recipients.Recipients
    letter: letter.LetterSource | None
    settings: settings.Settings | None
    findings: tuple[Finding, ...] = field(compare=False)
    templates: TemplateProcess = field(compare=False)
    files: LetterFiles = field(compare=False)
    texts: Mapping[str, str] = field(compare=False, repr=False)  # of the files, by name
    signatories: tuple[Signatory, ...] = ()


@dataclass(frozen=True)
class LoadedCampaign(Campaign):
    """A campaign whose files all could be read: what every step behind the checks works with."""

    letter: letter.LetterSource
    settings: settings.Settings

    @property
    def senders(self) -> tuple[Signatory, ...]:
        """Those who each send a letter of their own; none where it is one letter."""
        return self.signatories if self.settings.senders.mode == "each" else ()

    @property
    def signing(self) -> tuple[Signatory, ...]:
        """Those whose names stand under the letter."""
        return self.signatories if self.settings.senders.mode == "joint" else ()

    def sent_by(self, signatory: Signatory) -> LoadedCampaign:
        """The campaign as one of its senders sends it: answers go where all answers go."""
        sender = self.settings.sender
        own = sender.model_copy(
            update={
                "id": f"{sender.identity}/{signatory.id}",
                "name": signatory.name,
                "organisation": None,
                "address": signatory.place or None,
            }
        )
        return replace(self, settings=self.settings.model_copy(update={"sender": own}))

    def write(self, context: Context) -> Letter:
        """The letter with the context's values; LetterError names the line and the variable."""
        return self.templates.render(self.letter, context)


def read(folder: Path, templates: TemplateProcess | None = None) -> Campaign:
    """The campaign in `folder`, each of its files read once; UsageError where there is none."""
    texts = {name: text_of(folder, name) for name in (RECIPIENTS, letter.FILE, settings.FILE)}
    recipient_list = recipients.read(texts[RECIPIENTS], RECIPIENTS)
    source, in_letter = letter.read(texts[letter.FILE])
    values, in_settings = settings.read(texts[settings.FILE], folder / ".env")
    signatories, in_senders = _senders(folder)
    return Campaign(
        folder=folder,
        recipients=recipient_list,
        letter=source,
        settings=values,
        findings=(*recipient_list.findings, *in_letter, *in_settings, *in_senders),
        templates=templates or TemplateProcess(),
        files=LetterFiles(folder),
        texts=texts,
        signatories=signatories,
    )


def _senders(folder: Path) -> tuple[tuple[Signatory, ...], list[Finding]]:
    path = folder / senders.FILE
    if not path.exists():
        return (), []
    if findings := senders.open_to_others(path):
        return (), findings
    return senders.read(text_of(folder, senders.FILE))


def settings_of(campaign: Campaign) -> settings.Settings:
    """The settings alone, for those who only look at what was sent: it can be told while the list
    or the letter is being edited. InvalidCampaign where the settings cannot be read."""
    if campaign.settings is None:
        lists = (RECIPIENTS, letter.FILE, senders.FILE)
        raise InvalidCampaign(errors([f for f in campaign.findings if f.path not in lists]))
    return campaign.settings


def ledger_section(folder: Path) -> LedgerSection:
    """Where the ledger is, as the campaign in `folder` or the environment has it. A campaign is not
    needed: there is one ledger for all."""
    if (folder / settings.FILE).exists():
        text = text_of(folder, settings.FILE)
        values, found = settings.read(text, folder / ".env")
        if values is None:
            raise InvalidCampaign(found)
        return values.ledger
    prefix = env_var_name(("ledger", ""))
    given = {
        name.upper().removeprefix(prefix).lower(): value
        for name, value in os.environ.items()
        if name.upper().startswith(prefix)
    }
    try:
        return LedgerSection.model_validate(given)
    except ValidationError as error:
        name, why = error.errors()[0]["loc"], error.errors()[0]["msg"]
        word = env_var_name(("ledger", *map(str, name)))
        hint = f"mend it, or unset it: unset {word}"
        raise UsageError(f"{word} {why.removeprefix('Value error, ')}", hint) from None


def ready(campaign: Campaign) -> LoadedCampaign | None:
    """The campaign without its doubts, or nothing where a file could not be read."""
    if campaign.letter is None or campaign.settings is None:
        return None
    return LoadedCampaign(**vars(campaign))


def text_of(folder: Path, name: str) -> str:
    """A file's text, its line ends as they are; UsageError where it cannot be read."""
    path = folder / name
    try:
        # newline="": the line ends stay, so that columns and lines are those of the file
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        hint = "go to the campaign's folder, or name it: faxappeal -C FOLDER …"
        raise UsageError(f"no {name} here", hint) from None
    except UnicodeDecodeError as error:
        message = f"{name} is not UTF-8 text (byte {error.start + 1})"
        raise UsageError(message, "save it as UTF-8 in your editor") from error
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}", "look at the file") from error
