"""A session with hfaxd: what is understood of its replies."""

from __future__ import annotations

import ftplib
import socket

import pytest

from faxappeal.providers.hylafax_client import HfaxdClient
from tests.support.fakes.hfaxd import Hfaxd


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Hfaxd:
    server = Hfaxd()
    monkeypatch.setattr(socket, "create_connection", server.connect)
    return server


@pytest.fixture
def client(server: Hfaxd) -> HfaxdClient:
    client = HfaxdClient(timeout=1.0, encoding="latin-1")
    client.connect("127.0.0.1", 4559)
    return client


def test_a_document_is_stored_as_it_is_under_the_servers_name(
    client: HfaxdClient, server: Hfaxd
) -> None:
    document = b"II*\x00\r\n\xff" * 1000
    assert client.store(document) == "/tmp/doc1.tif"
    assert client.store(b"another") == "/tmp/doc2.tif"
    assert server.documents == [document, b"another"]
    assert server.said[0] == "TYPE I"


def test_a_document_without_a_name_is_not_used(client: HfaxdClient, server: Hfaxd) -> None:
    server.replies["STOT"] = "150 Opening new data connection.\n226 Done."
    with pytest.raises(ftplib.error_reply, match="150"):
        client.store(b"II*")


def test_a_document_of_which_the_server_lost_a_part_is_not_used(
    client: HfaxdClient, server: Hfaxd
) -> None:
    server.replies["STOT"] = "150 FILE: /tmp/doc1.tif (Opening).\n426 Connection closed."
    with pytest.raises(ftplib.error_temp):
        client.store(b"II*")


@pytest.mark.parametrize(
    ("line", "job"),
    [
        (
            "12|R|1:2||fa-1",
            {"id": "12", "state": "R", "pages": "1:2", "status": "", "tag": "fa-1"},
        ),
        (
            "7|F|0:0|Busy signal detected|a|b|c",
            {
                "id": "7",
                "state": "F",
                "pages": "0:0",
                "status": "Busy signal detected",
                "tag": "a|b|c",
            },
        ),
        ("7|F", {"id": "7", "state": "F"}),
        ("", {"id": ""}),
    ],
    ids=["ours", "a tag with our separator", "a broken line", "an empty line"],
)
def test_the_jobs_of_a_queue(
    client: HfaxdClient, server: Hfaxd, line: str, job: dict[str, str]
) -> None:
    server.sendq = ["1|S|0:1||fa-0", line]
    assert client.jobs("sendq")[1] == job
    assert client.jobs("doneq") == []


def test_the_parameters_of_a_job(client: HfaxdClient, server: Hfaxd) -> None:
    parameters = {
        "STATE": "DONE",
        "STATUS": '"all is well"',
        "NPAGES": "1",
        "TOTDIALS": "1",
        "JOBINFO": "fa-1",
    }
    server.jobs["12"] = parameters
    assert client.job("12") == parameters | {"STATUS": "all is well"}
    with pytest.raises(ftplib.error_perm):
        client.job("13")


def test_what_a_call_was_like(client: HfaxdClient, server: Hfaxd) -> None:
    server.calls["12"] = ["tts:0", "csi:+49 30: 23125", "odd line", "signalrate:14400 bit/s", ""]
    assert client.call("12") == {
        "tts": "0",
        "csi": "+49 30: 23125",
        "signalrate": "14400 bit/s",
    }


def test_a_server_that_keeps_the_call_to_itself_is_no_trouble(client: HfaxdClient) -> None:
    assert client.call("13") == {}


def test_other_trouble_with_the_call_is_said(client: HfaxdClient, server: Hfaxd) -> None:
    server.replies["RETR"] = "426 Connection closed."
    with pytest.raises(ftplib.error_temp):
        client.call("12")
