"""What HylaFAX' status texts prove: an allow list, read from the source of HylaFAX 6.0.7.

HylaFAX counts a page only after the far end has confirmed it, so a page count of 0 proves nothing.
A text is in this list only if it is set before the first page's data begins to flow. Not in it:
training (`RSPREC error/got DCN`, `DIS/DTC received 3 times`, `Failure to train …`), which also
follows a page that was printed and answered with RTN; everything of phases C and D; and whatever
this list does not know, such as the texts of a T.38 gateway behind hfaxd.
"""

from __future__ import annotations

import re

from ..core.lifecycle import Cause

# Set before a modem dials: proven only where no call was made (TOTDIALS is 0), for faxq puts some
# of them over the result of a call.
_BEFORE_DIALLING: dict[str, Cause] = {
    # faxQueueApp.c++, timeoutJob: not dialled before LASTTIME; sendJobDone sets it after a call
    "kill time expired": Cause.PROVIDER,
    "can not lock modem device": Cause.PROVIDER,  # FaxSend.c++, sendFax; pageSendApp.c++
    "unable to configure modem for fax use": Cause.PROVIDER,  # FaxSend.c++, before dial()
    "job contains no documents": Cause.DOCUMENT,  # faxQueueApp.c++, prepareJobStart
}
# faxQueueApp.c++, submitJob and rejectJob: the server's rules and limits, never the number
_REJECTED = "reject:"

# Set by a call that ended before phase C (TOTDIALS is at most 1: only we redial).
_BEFORE_THE_PAGE: dict[str, Cause] = {
    # ClassModem.c++, callStatus: what the modem answered to the dial command
    "busy signal detected": Cause.BUSY,
    # it hears neither busy nor a fax tone: mostly a person who says hello
    "no carrier detected": Cause.VOICE,
    "no answer from remote": Cause.NO_ANSWER,
    "no local dialtone": Cause.PROVIDER,
    "invalid dialing command": Cause.PROVIDER,  # ERROR: the modem wants to be reset
    "unknown problem": Cause.PROVIDER,  # FAILURE: the modem did not answer
    "carrier established, but phase a failure": Cause.LINE,
    "data connection established (wanted fax)": Cause.VOICE,  # no fax answers there
    "glare - ring detected": Cause.PROVIDER,  # a call came in at that moment
    "blacklisted by modem": Cause.PROVIDER,  # Class1Send.c++ and Class2Send.c++, dialResponse
    # Class1Send.c++, dialResponse; Class2.c++, hangupCodes 5: answered, without a fax tone
    "ringback detected, no answer without ced": Cause.VOICE,
    # Class2.c++, hangupCodes 1, 3, 4, 10, 11: call placement and phase A
    "ring detect without successful handshake": Cause.PROVIDER,
    "no loop current": Cause.PROVIDER,
    "ringback detected, no answer (timeout)": Cause.NO_ANSWER,
    "unspecified phase a error": Cause.LINE,
    "no answer (t.30 t1 timeout)": Cause.VOICE,  # answered; 35 s without a fax tone
    # Class1Send.c++, getPrologue: no valid DIS. It is asked for again only after EOM, which is sent
    # where the format changes within a document, and all of our pages have one format.
    "remote has no t.4 receiver capability": Cause.REFUSED,
    "dtc received when expecting dis (not supported)": Cause.LINE,
    "comrec error in transmit phase b/got dcn": Cause.LINE,
    "comrec invalid command received/no dis or dtc": Cause.LINE,
    "no receiver protocol (t.30 t1 timeout)": Cause.VOICE,  # answered, and never was a fax
    # FaxSend.c++, sendClientCapabilitiesOK and sendSetupParams: before sendPhaseB
    "modem does not support negotiated signalling rate": Cause.PROVIDER,
    "modem does not support negotiated min scanline time": Cause.PROVIDER,
}
# FaxSend.c++, sendSetupParams1: the same, and then by how much
_NOT_OUR_PAPER = re.compile(r"(client|modem) does not support document page (width|length)\b")


def cause_of(status: str, dials: int | None) -> Cause | None:
    """The cause of a failed job if its STATUS and TOTDIALS prove that no page's data had begun to
    flow; None if they do not."""
    # FaxSend.c++, sendFax appends "; too many attempts to dial" or "… to send"
    words = status.partition(";")[0].strip().lower()
    if dials == 0 and words.startswith(_REJECTED):
        return Cause.ACCOUNT
    if dials == 0 and words in _BEFORE_DIALLING:
        return _BEFORE_DIALLING[words]
    if dials not in (0, 1):
        return None
    return Cause.DOCUMENT if _NOT_OUR_PAPER.match(words) else _BEFORE_THE_PAGE.get(words)
