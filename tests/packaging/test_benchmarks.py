"""What the README says about speed can be run; the figures themselves are no test's business: a busy
machine would fail it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import backlog, documents, email, ledger, libreoffice, line, startup, workers
from faxappeal.campaign import loading
from faxappeal.config.sections import LedgerSection
from faxappeal.documents import content
from faxappeal.ledger.postgres import PostgresStore
from tests.support import servers
from tests.support.campaigns import ROOT
from tests.support.servers.postgres import PASSWORD, Postgres


def test_start_up() -> None:
    assert set(startup.measure(runs=1)) == set(startup.COMMANDS)
    assert startup.PROMISED == {"faxappeal --help": 1.3, "faxappeal check": 2.5}


@pytest.mark.hylafax
def test_seconds_on_the_line() -> None:
    with servers.needed("spandsp"):
        calls = line.measure()
    ours = {(c.resolution, c.rate): c for c in calls if c.maker == line.OURS}
    assert len(ours) == 4 and all(call.pages == 1 for call in ours.values())
    assert ours["standard", 14_400].seconds < ours["fine", 14_400].seconds
    for peer in (c for c in calls if c.maker == line.PEER):  # where it is installed
        assert (
            ours[peer.resolution, peer.rate].seconds < peer.seconds
        )  # of the line, not of a clock


def test_many_personal_letters() -> None:
    figures = documents.ours(4)
    assert figures.letters == 4 and figures.peak_mb > 10


def test_the_peer_says_the_same() -> None:
    ready = loading.ready(loading.read(ROOT))
    assert ready is not None and ready.settings.campaign.date
    letter = content.build(ready, ready.recipients.recipients[0], ready.settings.campaign.date)
    text = libreoffice.document(letter)
    for words in ("Premier Wen Jiabao", "as &#x27;illegal immigrants&#x27;", "Copy to:"):
        assert words in text


@pytest.mark.slow
def test_claims_in_a_large_ledger(tmp_path: Path) -> None:
    medians, four = ledger.measure(tmp_path, 2_000)
    assert medians.keys() == {ledger.SMALL, 2_000} and four > max(medians.values())
    assert ledger.PROMISED == 1.2


@pytest.mark.mail
@pytest.mark.parametrize("way", email.WAYS)
def test_emails_beside_mailmerge(way: str) -> None:
    with servers.needed("smtp-sink"):
        assert email.measure(way, 3, 1).keys() == {"mailmerge", "faxappeal send"}


@pytest.mark.slow
def test_three_workers_beside_one() -> None:
    with servers.needed("PostgreSQL"):
        speeds = workers.measure(letters=4, latency=0.0)
    assert speeds.keys() == {1, 3} and workers.ratio(speeds) > 0
    assert workers.PROMISED == 2.7


@pytest.mark.slow
def test_a_backlog_is_planned_queued_and_drained(
    tmp_path: Path, shared_ledger: str, postgres: Postgres
) -> None:
    section = LedgerSection.model_validate({"url": shared_ledger, "password": PASSWORD})
    home = PostgresStore(section)
    figures = backlog.enqueue(home, backlog.prepared(tmp_path / "campaign", 2), 30)
    assert figures.keys() == {"planned", "queued", "grown"}
    figures = backlog.drain(postgres, section, tmp_path / "campaign", 30, 1, 30)
    assert figures["a_second"] > 0 and not figures["overlaps"]
