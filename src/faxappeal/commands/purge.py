"""`faxappeal purge`: forgets addresses, documents and raw answers of what ended long ago."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ..campaign.loading import ledger_section
from ..config.durations import parse_duration
from ..core.clock import Clock
from ..core.errors import UsageError
from ..core.result import Result
from ..ledger.documents import Documents
from ..ledger.location import store_of
from ..ledger.locking import lock

_FRESH = timedelta(hours=1)  # a document may lie there so long before its claim is in the ledger


@dataclass(frozen=True)
class PurgeResult:
    """What is gone, and what is still there."""

    older_than: str
    letters: int
    documents: int
    kept: int


def purge(
    folder: Path, clock: Clock, older_than: str, confirm: Callable[[Mapping[str, int]], bool]
) -> Result:
    """Scrub what ended so long ago, in every campaign, if a person says yes to `confirm`, which
    gets the number of letters by campaign. What is in progress stays as it is."""
    try:
        age = parse_duration(older_than)
    except ValueError as error:
        raise UsageError(f"--older-than: {error}", "faxappeal purge --older-than 28d") from error
    home = store_of(ledger_section(folder))
    if not home.exists():
        return Result("purge", PurgeResult(older_than, 0, 0, 0))
    now = clock.now()
    with home.open() as ledger, lock(ledger, f"purge, since {now:%Y-%m-%d %H:%M}", shared=True):
        if not confirm(ledger.to_purge(now - age, now)):
            return Result("purge", PurgeResult(older_than, 0, 0, ledger.queries.with_address()))
        scrubbed = ledger.purge(now - age, now)
        documents = Documents(ledger.documents).keep_only(
            scrubbed.documents, spare=_FRESH if home.is_shared else timedelta(0)
        )
    return Result("purge", PurgeResult(older_than, scrubbed.letters, documents, scrubbed.kept))
