"""The root campaign, live: through a real HylaFAX that places T.30 calls, and a real mail server.

The 2003 numbers are dialled here, and nowhere else: the exchange that answers is on loopback.
"""

from __future__ import annotations

import io
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from faxappeal.campaign.letter_files import OUTBOX
from tests.integration.mail.test_receipts import until
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import fax_accounts
from tests.support.servers.exchange import ROUTES, Route
from tests.support.servers.fixtures import SAMPLE
from tests.support.servers.hylafax import PASSWORD, USER, Hylafax
from tests.support.servers.mail import Mail
from tests.support.servers.pages import pixels, same

STATE_COUNCIL, JUSTICE, EMBASSY = SAMPLE
ACCEPT = [
    *("--accept-unverified", "state-council", "--accept-unverified", "ministry-of-justice"),
    *("--accept-unverified", "embassy-berlin", "--reason", "an exchange on loopback answers"),
]


@pytest.fixture
def line(hylafax: Hylafax, monkeypatch: pytest.MonkeyPatch) -> Hylafax:
    """The fax account of the campaigns is this server."""
    hylafax.calls.clear()
    monkeypatch.setenv("FAXAPPEAL_FAX__ACCOUNT", "hylafax")
    monkeypatch.setenv("FAXAPPEAL_FAX__HYLAFAX__HOST", hylafax.host)
    monkeypatch.setenv("FAXAPPEAL_FAX__HYLAFAX__PORT", str(hylafax.port))
    monkeypatch.setenv("FAXAPPEAL_FAX__HYLAFAX__USER", USER)
    monkeypatch.setenv("FAXAPPEAL_FAX__HYLAFAX__PASSWORD", PASSWORD)
    return hylafax


@pytest.fixture
def post(mail_server: Mail, monkeypatch: pytest.MonkeyPatch) -> Mail:
    """The mail account of the campaigns is this server."""
    values = {
        "HOST": mail_server.host,
        "PORT": str(mail_server.smtps),
        "SECURITY": "tls",
        "USERNAME": "sender@lab.test",
        "PASSWORD": "s3nd-pass",
        "FROM": "appeals@example.org",
        "CA_FILE": str(mail_server.ca_file),
    }
    monkeypatch.setenv("FAXAPPEAL_EMAIL__ACCOUNT", "smtp")
    for name, value in values.items():
        monkeypatch.setenv(f"FAXAPPEAL_EMAIL__SMTP__{name}", value)
        if name in ("HOST", "CA_FILE"):
            monkeypatch.setenv(f"FAXAPPEAL_EMAIL__IMAP__{name}", value)
    monkeypatch.setenv("FAXAPPEAL_EMAIL__IMAP__PORT", str(mail_server.imaps))
    return mail_server


@pytest.fixture(autouse=True)
def _patient(clock: FakeClock) -> None:
    """A question to an account costs the test 0.1 s, whatever it costs on the clock."""
    clock.real = 0.1


def sent_documents(folder: Path, nobody: Path) -> list[Path]:
    """The fax pages as they were sent, in the order of their sending."""
    documents = nobody / "data" / "faxappeal" / "documents"
    return [
        documents / event["document"]
        for event in run("log", "--json", folder=folder).lines
        if event["document"] and event["channel"] == "fax"
    ]


@pytest.mark.hylafax
@pytest.mark.mail
def test_the_appeal_of_2003_goes_out_once(
    sample: Path, line: Hylafax, post: Mail, nobody: Path
) -> None:
    before = len(post.messages("embassy"))
    ended = run("send", "--yes", *ACCEPT, folder=sample)
    assert ended.code == 0, (ended, run("log", folder=sample).out)
    assert "All 4 letters are sent." in ended.out

    called = [(call.number[-12:].lstrip("0+"), call.result, call.pages) for call in line.calls]
    assert called == [(STATE_COUNCIL, "OK", 1), (JUSTICE, "OK", 1), (EMBASSY, "OK", 1)]
    for sent, call in zip(sent_documents(sample, nobody), line.calls, strict=True):
        assert call.tiff is not None
        [difference] = same(sent, call.tiff)
        assert difference.pixels == 0 and difference.rows <= 1

    received = post.wait_for("embassy", before + 1)[-1].message
    kinds = [part.get_content_type() for part in received.walk()]
    assert kinds[2:] == ["text/plain", "text/html", "application/pdf"]
    text = received.get_body(("plain",))
    assert text and "provocation of Chinese law" in text.get_content()

    log = run("log", "--json", folder=sample)
    told = [(event["recipient"], event["channel"], event["event"]) for event in log.lines]
    for recipient, channel, last in (
        ("state-council", "fax", "delivered"),
        ("ministry-of-justice", "fax", "delivered"),
        ("embassy-berlin", "fax", "delivered"),
        ("embassy-berlin", "email", "accepted"),
    ):
        events = [event for who, how, event in told if (who, how) == (recipient, channel)]
        steps = ["planned", "accepted-unverified", "submitting", "leaving", "accepted", last]
        assert events == steps[: len(events)] and events[-1] == last

    until(post, sample, lambda ended: "botschaft.china@debitel.net  delivered" in ended.out)
    again = run("send", "--yes", *ACCEPT, folder=sample)
    assert again.code == 0
    assert again.out.count("sent already") == 4
    assert len(line.calls) == 3 and len(post.messages("embassy")) == before + 1


@pytest.mark.hylafax
def test_what_a_dry_run_showed_is_what_arrives(sample: Path, line: Hylafax) -> None:
    """The dry run's page differs only in its header line from what is sent a minute later."""
    run("send", "--dry-run", "--to", "state-council", folder=sample)
    shown = sample / OUTBOX / "state-council-fax.tif"
    ended = run("send", "--yes", *ACCEPT, "--to", "state-council", folder=sample)
    assert ended.code == 0, (ended, run("log", folder=sample).out)
    [call] = line.calls
    assert call.tiff is not None
    [difference] = same(shown, call.tiff)
    assert difference.pixels == 0


# how a line answers -> state, cause, and what comes next
ANSWERS = {
    "100": ("delivered", None, "sent already: delivered"),  # V.17, ECM, MMR
    "101": ("delivered", None, "sent already: delivered"),  # without ECM
    "102": ("delivered", None, "sent already: delivered"),  # V.29, MH
    "103": ("delivered", None, "sent already: delivered"),  # V.27ter, MH
    # the line was cut in the page: how much of it was printed nobody knows
    "104": ("unknown", None, "unknown: it may have arrived, so it is not sent again"),
    "105": ("delivered", None, "sent already: delivered"),  # clicks on the line, ECM
    "106": ("delivered", None, "sent already: delivered"),  # clicks, no ECM
    "107": ("unknown", None, "unknown: it may have arrived, so it is not sent again"),
    "200": ("waiting", "busy", "goes now"),
    "201": ("waiting", "no-answer", "goes now"),  # it rings until we hang up
    "202": ("held", "voice", "held: voice"),
    "203": ("waiting", "provider", "goes now"),  # no dial tone: the server's own trouble
    "204": ("waiting", "no-answer", "goes now"),
}
# each with a number that is nobody's: 2xx are 13x here
NUMBERS = {answer: f"12025550{answer.replace('20', '13', 1)}" for answer in ANSWERS}


@pytest.mark.slow
@pytest.mark.hylafax
def test_each_way_a_line_answers_has_its_state_its_cause_and_its_next_step(
    tmp_path: Path, line: Hylafax, clock: FakeClock
) -> None:
    """The 13 answers of the exchange. Only what certainly did not arrive is tried again."""
    assert ANSWERS.keys() == ROUTES.keys()
    line.routes |= {number: ROUTES[answer] for answer, number in NUMBERS.items()}
    clock.sleep(7 * 3600)
    recipients = [f"a{answer} +{number}" for answer, number in NUMBERS.items()]
    # long enough for a line that is cut after 25 s to be cut within the page
    words = "an appeal for somebody who is in danger and cannot write to you, so we do. " * 30
    letter = f"---\nsubject: Please answer\n---\n{{{{ to.salutation }}}},\n\n{words}\n"
    settings = "\n[pacing]\nholidays = false\n"
    folder = write(tmp_path / "campaign", recipients, letter, settings)
    run("send", "--yes", "--no-wait", folder=folder)
    deadline = clock.now() + timedelta(hours=2)
    while clock.now() < deadline:
        clock.sleep(5)
        ended = run("status", "--json", folder=folder)
        rows = {row["recipient"][1:]: row for row in ended.json["data"]["deliveries"]}
        if not {row["state"] for row in rows.values()} & {"submitting", "accepted"}:
            break
    told = {answer: (row["state"], row["cause"]) for answer, row in rows.items()}
    assert told == {answer: (state, cause) for answer, (state, cause, _) in ANSWERS.items()}
    assert ended.code == 4, "some outcome is unknown"
    assert sorted(call.number[-11:] for call in line.calls) == sorted(NUMBERS.values())
    # the first to fail may be due again already
    tried_again = {answer for answer, row in rows.items() if row["fate"] in ("waits", "goes")}
    assert tried_again == {answer for answer, told in ANSWERS.items() if told[0] == "waiting"}
    [lost] = [call for call in line.calls if call.number.endswith(NUMBERS["107"])]
    assert lost.pages == 1, "the far end has the page, and only its receipt is missing"

    clock.sleep(24 * 3600)  # in office hours again
    for number in NUMBERS.values():
        line.routes[number] = Route()
    again = run("send", "--yes", "--no-wait", folder=folder)
    plan = again.out.split("\n\n")[1 : len(ANSWERS) + 1]
    for (_, _, step), row in zip(ANSWERS.values(), plan, strict=True):
        assert step in row, row
    while "under way" in (looked := run("status", folder=folder)).out:
        clock.sleep(5)
    assert looked.code == 4 and looked.out.count("sent already: delivered") == 10
    assert looked.out.splitlines()[-1].endswith("1 letter did NOT arrive."), (
        "somebody answered there"
    )
    called = [call.number[-11:] for call in line.calls]
    assert {NUMBERS[answer]: called.count(NUMBERS[answer]) for answer in ANSWERS} == {
        NUMBERS[answer]: 2 if told[0] == "waiting" else 1 for answer, told in ANSWERS.items()
    }


@pytest.mark.hylafax
def test_calls_to_one_number_never_overlap(tmp_path: Path, line: Hylafax, clock: FakeClock) -> None:
    clock.sleep(7 * 3600)
    for name in ("first", "second"):
        letter = f"---\nsubject: The {name}\n---\n{{{{ to.salutation }}}}\n"
        folder = write(tmp_path / name, ["one +12025550100"], letter)
        toml = (folder / "faxappeal.toml").read_text()
        (folder / "faxappeal.toml").write_text(toml.replace('"test"', f'"{name}"'))
        assert run("send", "--yes", folder=folder).code == 0
    assert len(line.calls) == 2
    assert all(one.ended <= two.started for one, two in pairwise(line.calls))


@pytest.mark.hylafax
def test_every_account_gets_the_page_that_the_real_line_prints(
    sample: Path,
    tmp_path: Path,
    hylafax: Hylafax,
    clock: FakeClock,
    nobody: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Handed over at the same time, out of the PDF that the account got, dot for dot."""
    hylafax.calls.clear()
    toml = (sample / "faxappeal.toml").read_text(encoding="utf-8")
    toml = re.sub(r"^\[fax\]\n.*?(?=^\[email\]$)", "", toml, flags=re.M | re.S)
    began = clock.now()

    def send(settings: str, home: str) -> None:
        """The appeal, from a machine that has sent nothing yet."""
        clock.moment = began
        monkeypatch.setenv("XDG_DATA_HOME", str(nobody / home))
        (sample / "faxappeal.toml").write_text(toml + settings, encoding="utf-8")
        words = ("send", "--yes", "--channel", "fax", "--to", "state-council", *ACCEPT)
        ended = run(*words, folder=sample)
        assert ended.code == 0, (ended, run("log", folder=sample).out)
        assert "sent already" in run(*words, folder=sample).out

    send(hylafax.settings, "hylafax")
    [call] = hylafax.calls
    assert call.tiff is not None
    printed = Image.open(io.BytesIO(call.tiff.read_bytes())).convert("1")
    for name, provider in fax_accounts().items():
        for variable, value in provider.ENVIRONMENT.items():
            monkeypatch.setenv(variable, value)
        (tmp_path / name).mkdir()
        with provider.start(tmp_path / name) as account:
            send(provider.settings(account), name)
        assert [fax["to"].lstrip("+") for fax in account.faxes] == [STATE_COUNCIL], name
        [document] = account.documents
        page = pixels(document)
        rows = len(page) * 8 // printed.width
        # HylaFAX may lose the last row (MemoryDecoder::cutExtraEOFB), which is white
        assert rows - printed.height <= 1, name
        assert page[: len(printed.tobytes())] == printed.tobytes(), name
        assert not any(byte != 0xFF for byte in page[len(printed.tobytes()) :]), name
