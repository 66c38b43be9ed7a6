"""Deleting the documents of attempts that are over, at the accounts that keep them."""

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

# an attempt that is older was told of more than once, or is gone there: accounts keep a document
# for a day (Telnyx) to 13 months (Sinch)
_TRIED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class ProviderCleanup:
    """What was deleted stands in the ledger as `forgotten`, so that a crash or a dead server only
    puts it off to the next run."""

    ledger: Ledger
    clock: Clock
    account: Callable[[str], Channel]  # by the account's name

    def attempt(self, attempt: Attempt) -> None:
        """Delete what the account keeps of an attempt that is over."""
        if not fax.forgets(attempt.account):
            return
        try:
            channel = self.account(attempt.account)
            if not channel.forget(attempt.reference, attempt.account_reference):
                return
        except SetupError:
            return  # the account is not ready; whoever sends next is told
        except Unreachable as error:
            if not attempt.was_tried:
                self._note(attempt, "not-forgotten", str(error))
            return
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
