"""`faxappeal privacy`: what is stored where, and how it is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..campaign.letter_files import OUTBOX
from ..campaign.loading import ledger_section
from ..campaign.senders import FILE as SENDERS
from ..core.result import Result
from ..ledger.documents import Documents
from ..ledger.location import store_of
from ..providers import fax

_SMTP = (
    "your mail provider may keep what it sent; each reader has a copy, and with [email.imap] so"
    " does your own mailbox"
)


@dataclass(frozen=True)
class DataLocation:
    """Somewhere on this machine, or at somebody else's, where something of a letter lies."""

    name: str
    where: str
    holds: str
    goes: str  # how it is deleted


@dataclass(frozen=True)
class PrivacyResult:
    """All places, and what is in none of them."""

    places: tuple[DataLocation, ...]
    letters: int  # in the ledger with their address


def privacy(folder: Path) -> Result:
    """What lies where, as it is now; of accounts, those that letters went through, or all before
    the first. Nothing is written, no account is asked."""
    home = store_of(ledger_section(folder))
    letters, used = 0, frozenset[str]()
    if ledger := home.read():
        with ledger:
            letters, used = ledger.queries.with_address(), ledger.queries.accounts()
    count, size = Documents(home.documents).size()
    places = [
        DataLocation(
            "ledger",
            home.where,
            "campaigns' and recipients' ids, numbers and addresses, times, the accounts' answers, "
            "reasons that you gave; the sender as a keyed hash",
            "faxappeal purge (hashes, times and holds stay: they keep a letter from going twice)",
        ),
        DataLocation(
            "documents",
            f"{home.documents} ({count} files, {size / 1e6:.1f} MB)",
            "the pages and e-mails as they were sent",
            "faxappeal purge",
        ),
    ]
    outbox, senders = (folder / OUTBOX).resolve(), (folder / SENDERS).resolve()
    if outbox.is_dir():
        holds = "what the last dry run would have handed over"
        places.append(DataLocation("outbox", str(outbox), holds, "delete the folder"))
    if senders.exists():
        holds = "names, places and days of consent of those who sign"
        places.append(DataLocation("senders", str(senders), holds, "delete the file"))
    holds = "what you wrote elsewhere: pages to look at, reports"
    places.append(DataLocation("your files", "where you had them written", holds, "delete them"))
    keepers = {name: fax.table(name).keeps for name in fax.names()} | {"smtp": _SMTP}
    places += [
        DataLocation(name, "at the account", words, "")
        for name, words in keepers.items()
        if name in used or not used
    ]
    return Result("privacy", PrivacyResult(tuple(places), letters))
