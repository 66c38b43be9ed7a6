"""What HylaFAX' status texts prove, each as HylaFAX 6.0.7 writes it."""

from __future__ import annotations

import pytest

from faxappeal.core.lifecycle import Cause
from faxappeal.delivery.retry import POLICIES
from faxappeal.providers.hylafax_status import cause_of

ENDINGS = ["", "; too many attempts to dial", "; too many attempts to send"]

# Status texts that are set when page data may have flowed: (file, line)
MAY_BE_PRINTED = [
    "Remote fax disconnected prematurely",  # Class1Send 472: DCN as the answer to the page
    "Fax protocol error (unknown frame received)",  # Class1Send 537
    "Fax protocol error (command repeated 3 times)",  # Class1Send 543
    "Stop and wait failure (modem on hook)",  # Class1Send 400: after the page's data
    "Unspecified Transmit Phase C error",  # Class1Send 1992
    "Unable to transmit page (giving up after RTN)",  # Class1Send 508
    "Unable to transmit page (NAK at all possible signalling rates)",  # Class1Send 521
    "Unable to transmit page (NAK with operator intervention)",  # Class1Send 528
    "Failure to train remote modem at 2400 bps or minimum speed",  # Class1Send 900: after RTN, too
    "RSPREC error/got DCN (receiver abort)",  # Class1Send 862: training
    "DIS/DTC received 3 times; DCS not recognized",  # Class1Send 670: training
    "No response to EOP repeated 3 tries",  # Class1Send 2018
    "No response to PPS repeated 3 times.",  # Class1Send 1553
    "Unable to establish message carrier",  # Class1Send 1725
    "Timeout waiting for Phase C carrier drop",
    "Modem protocol error (unknown post-page response)",  # Class2Send 372
    "Communication failure during Phase B/C",  # Class2Send 402
    "Communication failure during Phase B/C (modem protocol botch)",  # Class2Send 413
    "Unspecified Transmit Phase D error, including +FPHCTO timeout between data and +FET command",
    "Unspecified Transmit Phase B error",  # Class2 219: phase B comes again after RTN
    "Normal and proper end of connection",  # Class2 211
    "Call aborted by user",
    "Job aborted by request",
    "Job interrupted by user",
    "Send program terminated abnormally with exit status 0x100",
    "Send aborted due to operator intervention",
    "Giving up after 3 attempts to send same page",
    # FreeSWITCH's and spandsp's, which gofaxip hands on
    "NORMAL_CLEARING",
    "ORIGINATOR_CANCEL",
    "MEDIA_TIMEOUT",
    "ALLOTTED_TIMEOUT",
    "EOF",  # gofaxip has lost FreeSWITCH
    "Killed by signal terminated",
    "Dialing",
    "OK",
    "Received a DCN from remote after sending a page",
    "No response after sending a page",
    "Invalid response after sending a page",
    "Received other than DIS while waiting for DIS",  # it stays when the call goes on
    "Unexpected message received",
    "Received no response to DCS or TCF",  # also after a page that was answered with RTN
    "Received bad response to DCS or training",
    "Failed to train with any of the compatible modems",
    "Disconnected after permitted retries",
    "The call dropped prematurely",
    "Timed out waiting for receiver ready (ECM mode)",
    "Invalid ECM response received from receiver",
    "The HDLC carrier did not stop in a timely manner",
    "USER_BUSY after a page",
    "The far end said busy signal detected",  # not one of its texts
    "Busy signal detected after a page",
    "Not our REJECT: no",
    "The client does not support document page width",
    "Client does not support document page colour",
    "",
]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("status", MAY_BE_PRINTED)
@pytest.mark.parametrize("dials", [0, 1, 2, None])
def test_a_text_that_does_not_prove_that_no_page_had_begun_is_no_cause(
    status: str, ending: str, dials: int | None
) -> None:
    assert cause_of(status + ending, dials) is None


BEFORE_THE_PAGE = [
    ("USER_BUSY", Cause.BUSY),
    ("NO_ANSWER (retry disabled)", Cause.NO_ANSWER),
    ("NO_USER_RESPONSE", Cause.NO_ANSWER),
    ("UNALLOCATED_NUMBER", Cause.BAD_NUMBER),
    ("CALL_REJECTED", Cause.REFUSED),
    ("OUTGOING_CALL_BARRED", Cause.ACCOUNT),
    ("NORMAL_TEMPORARY_FAILURE", Cause.PROVIDER),
    ("DESTINATION_OUT_OF_ORDER", Cause.LINE),
    ("Timed out waiting for initial communication", Cause.VOICE),
    ("Timed out waiting for the first message", Cause.VOICE),
    ("Received a DCN while waiting for a DIS", Cause.LINE),
    ("Far end is not able to receive", Cause.REFUSED),
    ("Far end is not compatible", Cause.REFUSED),
    ("Far end cannot receive at the size of image", Cause.DOCUMENT),
    ("Busy signal detected", Cause.BUSY),
    ("No answer from remote", Cause.NO_ANSWER),
    ("Ringback detected, no answer (timeout)", Cause.NO_ANSWER),
    ("No carrier detected", Cause.VOICE),
    ("Data connection established (wanted fax)", Cause.VOICE),
    ("No answer (T.30 T1 timeout)", Cause.VOICE),
    ("No receiver protocol (T.30 T1 timeout)", Cause.VOICE),
    ("Ringback detected, no answer without CED", Cause.VOICE),
    ("Carrier established, but Phase A failure", Cause.LINE),
    ("Unspecified Phase A error", Cause.LINE),
    ("DTC received when expecting DIS (not supported)", Cause.LINE),
    ("COMREC error in transmit Phase B/got DCN", Cause.LINE),
    ("COMREC invalid command received/no DIS or DTC", Cause.LINE),
    ("Remote has no T.4 receiver capability", Cause.REFUSED),
    ("No local dialtone", Cause.PROVIDER),
    ("Invalid dialing command", Cause.PROVIDER),
    ("Unknown problem", Cause.PROVIDER),
    ("Glare - RING detected", Cause.PROVIDER),
    ("Blacklisted by modem", Cause.PROVIDER),
    ("Ring detect without successful handshake", Cause.PROVIDER),
    ("No loop current", Cause.PROVIDER),
    ("Modem does not support negotiated signalling rate", Cause.PROVIDER),
    ("Modem does not support negotiated min scanline time", Cause.PROVIDER),
    ("Client does not support document page width, max remote page width 1216", Cause.DOCUMENT),
    ("Client does not support document page length, max remote page length 297", Cause.DOCUMENT),
    ("Modem does not support document page width, max page width 1728", Cause.DOCUMENT),
]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("status", "cause"), BEFORE_THE_PAGE)
def test_a_call_that_ended_before_the_page_has_its_cause(
    status: str, cause: Cause, ending: str
) -> None:
    assert cause_of(status + ending, 1) is cause
    assert cause_of(f"  {status.upper()}{ending}", 1) is cause, "by its words, not their case"


@pytest.mark.parametrize("dials", [2, 12, None])
@pytest.mark.parametrize(("status", "cause"), BEFORE_THE_PAGE)
def test_where_the_server_dialled_twice_the_words_are_of_the_second_call(
    status: str, cause: Cause, dials: int | None
) -> None:
    assert cause_of(status, dials) is None, f"not {cause}"


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        ("Kill time expired", Cause.PROVIDER),
        ("Can not lock modem device", Cause.PROVIDER),
        ("Unable to configure modem for fax use", Cause.PROVIDER),
        ("Job contains no documents", Cause.DOCUMENT),
    ],
)
def test_what_is_also_said_after_a_call_proves_something_only_without_one(
    status: str, cause: Cause
) -> None:
    assert cause_of(status, 0) is cause
    for dials in (1, 2, None):
        assert cause_of(status, dials) is None


@pytest.mark.parametrize(
    "words",
    [
        "Unable to convert dial string to canonical format",
        "Requested modem any is not registered",
        "No work found in job file",
        "Page width (999) appears invalid",
        "Too many attempts to dial: 3, max 2",
        "calls to this country are not allowed",
        "",
    ],
)
def test_what_the_server_rejects_is_about_us_and_not_about_the_number(words: str) -> None:
    cause = cause_of(f"REJECT: {words}", 0)
    assert cause is Cause.ACCOUNT and POLICIES[cause].holds is None
    for dials in (1, None):
        assert cause_of(f"REJECT: {words}", dials) is None, "it may have called before"
