"""What a step of the dispatcher needs besides an account: letters without pages, and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from faxappeal.campaign.delivery import Delivery
from faxappeal.providers.base import Job, Probe


class Letters:
    """A line of text for each letter; all of a campaign are the same."""

    def job(self, delivery: Delivery, reference: str, moment: datetime) -> Job:
        return Job(reference, delivery.address, f"letter at {moment}".encode())

    def content_sha256(self, delivery: Delivery) -> str:
        return delivery.campaign.ljust(64, "0")


@dataclass(kw_only=True)
class QuietAccount:
    """An account that keeps nothing open and has nothing to forget."""

    name: str = "fake"
    endpoint: str = "faxappeal@127.0.0.1"
    visibility_delay: timedelta = timedelta(seconds=60)
    gap: timedelta = timedelta(0)
    poll_interval: timedelta = timedelta(0)

    def forget(self, reference: str, account_reference: str | None) -> bool:
        return False

    def check(self, now: datetime, countries: frozenset[str]) -> list[Probe]:
        return []

    def close(self) -> None:
        pass
