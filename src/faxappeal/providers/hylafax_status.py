"""What HylaFAX' status texts prove: an allow list, read from the source of HylaFAX 6.0.7, and of
gofaxip 59a90a7, which puts FreeSWITCH behind hfaxd.

HylaFAX counts a page only after the far end has confirmed it, so a page count of 0 proves nothing.
A text is in this list only if it is set before the first page's data begins to flow. Not in it:
training (`RSPREC error/got DCN`, `DIS/DTC received 3 times`, `Failure to train …`), which also
follows a page that was printed and answered with RTN; everything of phases C and D; and whatever
this list does not know.
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
# gofaxsend/transmission.go: FreeSWITCH's `originate` has failed with this cause of hangup
# (switch_channel.c, CAUSE_CHART), so the call was never answered. After an answer the text is one
# of spandsp's.
_NEVER_ANSWERED: dict[str, Cause] = {
    "user_busy": Cause.BUSY,
    "busy_everywhere": Cause.BUSY,
    "no_answer": Cause.NO_ANSWER,
    "no_user_response": Cause.NO_ANSWER,
    "no_pickup": Cause.NO_ANSWER,
    "progress_timeout": Cause.NO_ANSWER,
    "subscriber_absent": Cause.NO_ANSWER,
    "unallocated_number": Cause.BAD_NUMBER,
    "number_changed": Cause.BAD_NUMBER,
    "does_not_exist_anywhere": Cause.BAD_NUMBER,
    "call_rejected": Cause.REFUSED,  # by the far end or by our own trunk: says nothing of a number
    "decline": Cause.REFUSED,
    "unwanted": Cause.REFUSED,
    "incoming_call_barred": Cause.REFUSED,
    "outgoing_call_barred": Cause.ACCOUNT,
    "facility_not_subscribed": Cause.ACCOUNT,
    "bearercapability_notauth": Cause.ACCOUNT,
    "invalid_gateway": Cause.ACCOUNT,
    "destination_out_of_order": Cause.LINE,
    "no_route_transit_net": Cause.PROVIDER,
    "no_route_destination": Cause.PROVIDER,
    "exchange_routing_error": Cause.PROVIDER,
    "invalid_number_format": Cause.PROVIDER,  # as the trunk wants it, not as it is
    "facility_rejected": Cause.PROVIDER,
    "normal_circuit_congestion": Cause.PROVIDER,
    "network_out_of_order": Cause.PROVIDER,
    "normal_temporary_failure": Cause.PROVIDER,
    "switch_congestion": Cause.PROVIDER,
    "requested_chan_unavail": Cause.PROVIDER,
    "bearercapability_notavail": Cause.PROVIDER,
    "service_unavailable": Cause.PROVIDER,
    "service_not_implemented": Cause.PROVIDER,
    "incompatible_destination": Cause.PROVIDER,
    "recovery_on_timer_expire": Cause.PROVIDER,
    "user_not_registered": Cause.PROVIDER,
    "gateway_down": Cause.PROVIDER,
}
# gofaxsend/sendqfile.go: spandsp's result (t30_logging.c), where t30.c sets it before the first
# page alone. Not in it: a text that stays when the call goes on after it ("Received other than DIS
# …", "Unexpected message received"), and training, as above.
_BEFORE_SPANDSPS_PAGE: dict[str, Cause] = {
    # timer_t0_expired, timer_t1_expired: answered, and no fax was there
    "timed out waiting for initial communication": Cause.VOICE,
    "timed out waiting for the first message": Cause.VOICE,
    "received a dcn while waiting for a dis": Cause.LINE,  # process_state_t: ends the call
    # process_rx_dis_dtc and start_sending_document
    "far end is not able to receive": Cause.REFUSED,
    "far end is not compatible": Cause.REFUSED,
    "far end cannot receive at the resolution of the image": Cause.DOCUMENT,
    "far end cannot receive at the size of image": Cause.DOCUMENT,
    "tiff/f file cannot be opened": Cause.PROVIDER,  # the server's own copy
    "tiff/f format is not compatible": Cause.DOCUMENT,
    "bad tiff/f header - incorrect values in fields": Cause.DOCUMENT,
}
# FaxSend.c++, sendSetupParams1: the same, and then by how much
_NOT_OUR_PAPER = re.compile(r"(client|modem) does not support document page (width|length)\b")


_PROVEN = _BEFORE_THE_PAGE | _NEVER_ANSWERED | _BEFORE_SPANDSPS_PAGE


def cause_of(status: str, dials: int | None) -> Cause | None:
    """The cause of a failed job if its STATUS and TOTDIALS prove that no page's data had begun to
    flow; None if they do not."""
    # FaxSend.c++, sendFax appends "; too many attempts to dial" or "… to send", transmission.go
    # " (retry disabled)"
    words = status.lower().partition(";")[0].partition(" (retry")[0].strip()
    if dials == 0 and words.startswith(_REJECTED):
        return Cause.ACCOUNT
    if dials == 0 and words in _BEFORE_DIALLING:
        return _BEFORE_DIALLING[words]
    if dials not in (0, 1):
        return None
    if _NOT_OUR_PAPER.match(words):
        return Cause.DOCUMENT
    return _PROVEN.get(words)
