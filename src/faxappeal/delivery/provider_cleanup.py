"""Deleting the documents of attempts that have ended, at the accounts that keep them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ..core.clock import Clock
from ..core.errors import SetupError
from ..ledger import Ledger
from ..ledger.queries import Attempt
from ..providers import fax
from ..providers.base import Channel, Unreachable

# an older attempt was reported more than once, or the account no longer has it: accounts keep a
# document for a day (Telnyx) to 13 months (Sinch)
_TRIED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class ProviderCleanup:
    """What was deleted stands in the ledger as `forgotten`, so that a crash or a dead server only
    puts it off to the next run."""

    ledger: Ledger
    clock: Clock
    account: Callable[[str], Channel]  # by the account's name

    def attempt(self, attempt: Attempt) -> None:
        """Delete what the account keeps of an attempt that has ended."""
        if not fax.forgets(attempt.account):
            return
        try:
            account = self.account(attempt.account)
            is_deleted = account.forget(attempt.reference, attempt.account_reference)
        except SetupError:
            return  # the account is not ready; the next run reports it
        except Unreachable as error:
            if not attempt.was_tried:
                self._note(attempt, "not-forgotten", str(error))
            return
        if is_deleted:
            self._note(attempt, "forgotten", None)

    def clean_up(self, campaign: str) -> None:
        """Delete what earlier runs of a campaign left behind."""
        for attempt in self.left(campaign):
            self.attempt(attempt)

    def left(self, campaign: str) -> list[Attempt]:
        """The attempts whose documents still lie at an account."""
        found = self.ledger.queries.unforgotten(campaign, self.clock.now() - _TRIED_FOR)
        return [attempt for attempt in found if fax.forgets(attempt.account)]

    def _note(self, attempt: Attempt, event: str, note: str | None) -> None:
        now = self.clock.now()
        self.ledger.add_event(attempt.delivery, event, now, note, reference=attempt.reference)
