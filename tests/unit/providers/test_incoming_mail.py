"""What notifications change: of real servers, and as they should not be written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faxappeal.core.lifecycle import Cause
from faxappeal.providers import dsn
from faxappeal.providers.base import Accepted, Delivered, Failed, Outcome, Relayed
from faxappeal.providers.incoming_mail import (
    Mail,
    SentEmail,
    UnmatchedMessage,
    match_notifications,
)
from tests.support.examples import examples
from tests.support.notifications import BOUNCE, DELIVERED, SAMPLES

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ENDS: dict[str, tuple[type[Outcome], Cause | None]] = {
    "dsn1": (Delivered, None),
    "dsn2": (Relayed, None),  # on to a server without DSN
    "dsn3": (Relayed, None),  # by LMTP
    "dsn4": (Failed, Cause.REFUSED),  # full
    "dsn5": (Failed, Cause.BOUNCE),
    "dsn6": (Accepted, None),  # delayed
    "dsn7": (Failed, Cause.EXPIRED),  # with Status 4.2.1
    "exim1": (Delivered, None),
    "exim2": (Failed, Cause.BOUNCE),  # its reason only in prose
    "exim3": (Failed, Cause.BOUNCE),
    "exim4": (Accepted, None),
    "exim5": (Accepted, None),
}


def mail(raw: bytes, minutes: int = 0) -> Mail:
    return Mail("INBOX", NOON + timedelta(minutes=minutes), message_from_bytes(raw), raw)


def letter(raw: bytes) -> SentEmail:
    """The one that a sample is about."""
    [notice] = dsn.read(raw)
    assert notice.envelope and notice.message_id
    [address] = notice.recipients
    return SentEmail("d1", notice.envelope, notice.message_id, address)


def outcome(*raws: bytes, of: SentEmail) -> Outcome | None:
    mails = [mail(raw, minute) for minute, raw in enumerate(raws)]
    return match_notifications(mails, [of]).outcomes.get("d1")


def unmatched_message(raw: bytes, of: SentEmail) -> UnmatchedMessage | None:
    news = match_notifications([mail(raw)], [of])
    assert not news.outcomes
    return next(iter(news.unmatched), None)


def test_all_samples_are_here() -> None:
    assert set(SAMPLES) == set(ENDS)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_a_server_wrote(name: str) -> None:
    raw = SAMPLES[name]
    found = outcome(raw, of=letter(raw))
    assert (type(found), getattr(found, "cause", None)) == ENDS[name]


ABOUT_BOUNCE, ABOUT_DELIVERED = letter(BOUNCE), letter(DELIVERED)


def without_envelope(raw: bytes) -> bytes:
    return b"\n".join(
        line for line in raw.split(b"\n") if not line.lower().startswith(b"original-envelope-id")
    )


def test_a_bounce_that_names_no_envelope_is_known_by_what_it_returns() -> None:
    assert isinstance(outcome(without_envelope(BOUNCE), of=ABOUT_BOUNCE), Failed)


def test_a_success_that_names_no_envelope_is_none() -> None:
    """Each recipient knows its Message-ID, and could write it."""
    found = unmatched_message(without_envelope(DELIVERED), ABOUT_DELIVERED)
    assert found and found.kind == "forged"


def test_a_bounce_with_another_envelope_is_forged() -> None:
    assert ABOUT_BOUNCE.reference
    raw = BOUNCE.replace(ABOUT_BOUNCE.reference.encode(), b"0" * 32)
    found = unmatched_message(raw, ABOUT_BOUNCE)
    assert found and (found.kind, found.letter) == ("forged", "d1")


def test_a_bounce_of_somebody_elses_letter_is_nothing_of_ours() -> None:
    assert match_notifications([mail(BOUNCE)], [ABOUT_DELIVERED]) == match_notifications(
        [], [ABOUT_DELIVERED]
    )


@pytest.mark.parametrize("name", [pytest.param("other@example.org", id="D06")])
def test_a_notification_for_another_recipient_changes_nothing(name: str) -> None:
    raw = BOUNCE.replace(b"nobody@remote.test", name.encode())
    assert unmatched_message(raw, ABOUT_BOUNCE)


def test_a_failure_after_a_delivery_counts_and_so_does_the_reverse() -> None:
    late = BOUNCE.replace(ABOUT_BOUNCE.reference.encode(), ABOUT_DELIVERED.reference.encode())
    late = late.replace(b"nobody@remote.test", b"ok@remote.test")
    assert isinstance(outcome(DELIVERED, late, of=ABOUT_DELIVERED), Failed)
    assert isinstance(outcome(late, DELIVERED, of=ABOUT_DELIVERED), Delivered)


@pytest.mark.parametrize(
    ("action", "status", "words", "expected"),
    [
        ("delivered", "2.0.0", "", (Delivered, None)),
        ("relayed", "2.0.0", "", (Relayed, None)),
        ("expanded", "2.0.0", "", (Relayed, None)),
        ("delayed", "4.2.1", "", (Accepted, None)),
        ("failed", "5.1.1", "", (Failed, Cause.BOUNCE)),
        ("failed", "5.7.1", "", (Failed, Cause.REFUSED)),
        ("failed", "4.4.7", "", (Failed, Cause.EXPIRED)),
        ("failed", "5.3.4", "", (Failed, Cause.DOCUMENT)),
        ("failed", "5.0.0", "smtp; 550 5.7.1 spam", (Failed, Cause.REFUSED)),
        ("failed", "5.0.0", "smtp; 550 no", (Failed, Cause.BOUNCE)),
        ("failed", "", "", (Failed, Cause.BOUNCE)),
        ("bewildered", "5.1.1", "", (type(None), None)),
    ],
)
def test_what_an_action_means(
    action: str, status: str, words: str, expected: tuple[type, Cause | None]
) -> None:
    block = f"Action: {action}\nStatus: {status}\nDiagnostic-Code: {words}\n".encode()
    head, _, rest = BOUNCE.partition(b"Action: failed\n")
    raw = head + block + b"\n" + rest.partition(b"\n\n")[2]
    found = outcome(raw, of=ABOUT_BOUNCE)
    assert (type(found), getattr(found, "cause", None)) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [("relayed", "delayed"), ("delivered", "relayed"), ("delivered", "delayed")],
)
def test_what_says_less_and_comes_later_changes_nothing(first: str, second: str) -> None:
    raws = [
        DELIVERED.replace(b"Action: delivered", f"Action: {a}".encode()) for a in (first, second)
    ]
    assert outcome(*raws, of=ABOUT_DELIVERED) == outcome(raws[0], of=ABOUT_DELIVERED)


def test_notifications_count_in_the_order_of_their_time() -> None:
    failed = DELIVERED.replace(b"Action: delivered", b"Action: failed")
    early, late = mail(DELIVERED, 1), mail(failed, 2)
    undated = Mail("INBOX", None, early.head, early.raw)
    for mails in ([early, late], [late, early], [late, undated]):
        found = match_notifications(mails, [ABOUT_DELIVERED]).outcomes["d1"]
        assert isinstance(found, Failed)


def test_a_warning_or_a_relay_after_the_end_changes_nothing() -> None:
    end, warning = SAMPLES["dsn7"], SAMPLES["dsn6"]
    assert isinstance(outcome(end, warning, of=letter(end)), Failed)


@pytest.mark.parametrize("is_first", [True, False], ids=["failed first", "delivered first"])
def test_an_office_with_two_mailboxes_has_it_when_one_has(is_first: bool) -> None:
    block = (
        b"Original-Recipient: rfc822;ok@remote.test\n"
        b"Action: failed\nFinal-Recipient: rfc822;second@remote.test\nStatus: 5.2.2\n"
    )
    head, _, rest = DELIVERED.partition(b"\nFinal-Recipient")
    own, _, tail = (b"\nFinal-Recipient" + rest).partition(b"\n\n")
    blocks = [b"\n" + block, own] if is_first else [own, b"\n" + block.rstrip(b"\n")]
    raw = head + b"\n".join(blocks) + b"\n\n" + tail
    assert len(dsn.read(raw)) == 2
    assert isinstance(outcome(raw, of=ABOUT_DELIVERED), Delivered)


@pytest.mark.parametrize("words", [pytest.param("\x1b[2J", id="D08"), "\u202egnp.exe", "\x00"])
def test_a_servers_words_are_made_safe(words: str) -> None:
    raw = BOUNCE.replace(b"Recipient address rejected", words.encode())
    found = outcome(raw, of=ABOUT_BOUNCE)
    assert found and words not in found.report.raw


HEAD = (
    "From: {sender}\nTo: appeals@example.org\nSubject: Undelivered Mail: success, delivered\n"
    "In-Reply-To: {id}\n{more}\nYour message could not be delivered.\n"
)


@pytest.mark.parametrize(
    ("sender", "more", "kind"),
    [
        pytest.param(
            "office@example.org", "Auto-Submitted: auto-replied\n", "auto-reply", id="D09"
        ),
        ("office@example.org", "", "answer"),
        ("Mail Delivery <MAILER-DAEMON@mx.example.org>", "", "bounce"),
    ],
)
def test_prose_changes_nothing_and_is_listed(sender: str, more: str, kind: str) -> None:
    raw = HEAD.format(sender=sender, more=more, id=ABOUT_BOUNCE.message_id).encode()
    found_mail = Mail("Junk", None, message_from_bytes(raw), raw if "DAEMON" in sender else b"")
    news = match_notifications([found_mail], [ABOUT_BOUNCE])
    [found] = news.unmatched
    assert not news.outcomes and found.kind == kind and found.folder == "Junk"


def test_a_bounce_in_prose_is_known_by_the_letter_in_it() -> None:
    """qmail's answers no header of ours."""
    raw = f"From: MAILER-DAEMON@mx.example.org\n\nHi.\nMessage-ID: {ABOUT_BOUNCE.message_id}\n"
    found = unmatched_message(raw.encode(), ABOUT_BOUNCE)
    assert found and found.kind == "bounce"


def test_an_earlier_attempts_notification_is_nothing_odd() -> None:
    now = SentEmail("d1", "fa-2", ABOUT_BOUNCE.message_id, ABOUT_BOUNCE.address)
    before = frozenset({ABOUT_BOUNCE.reference})
    assert match_notifications([mail(BOUNCE)], [now]).unmatched
    later = SentEmail(now.id, now.reference, now.message_id, now.address, before)
    assert match_notifications([mail(BOUNCE)], [later]) == match_notifications([], [later])


# -- what should not be written ------------------------------------------------------------------

NO_SUCCESS = sorted(name for name, (kind, _) in ENDS.items() if kind in (Failed, Accepted))
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "drop", "repeat", "insert", "flip", "swap lines"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 80),
        st.binary(max_size=12),
    ),
    min_size=1,
    max_size=8,
)


def edited(raw: bytes, how: str, at: int, size: int, words: bytes) -> bytes:
    if how == "cut":
        return raw[:at]
    if how == "drop":
        return raw[:at] + raw[at + size :]
    if how == "repeat":
        return raw[:at] + raw[at : at + size] * 3 + raw[at + size :]
    if how == "insert":
        return raw[:at] + words + raw[at:]
    if how == "flip":
        return raw[:at] + bytes(byte ^ 0x15 for byte in raw[at : at + 3]) + raw[at + 3 :]
    lines = raw.split(b"\n")
    first, second = at % len(lines), (at * 7 + size) % len(lines)
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


@settings(max_examples=examples(10_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(SAMPLES)), EDITS)
def test_whatever_comes_is_read_without_a_false_success(
    name: str, edits: list[tuple[str, float, int, bytes]]
) -> None:
    raw = SAMPLES[name]
    about = letter(raw)
    for how, where, size, words in edits:
        raw = edited(raw, how, int(where * len(raw)), size, words)
    found = outcome(raw, of=about)
    if name in NO_SUCCESS:
        assert not isinstance(found, (Delivered, Relayed))
