"""The message that leaves, in full."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

from tests.support.campaigns import run, write

LONG = "Minister of Culture (acting), Department of Protocol, other@example.net, Second Division, Hall 3"


def test_a_long_name_with_commas_is_one_mailbox_in_what_is_handed_over(tmp_path: Path) -> None:
    folder = write(tmp_path, ["office office@example.org"])
    recipients_file = folder / "recipients.yaml"
    recipients_file.write_text(recipients_file.read_text().replace("Office office", f'"{LONG}"'))
    toml = folder / "faxappeal.toml"
    toml.write_text(toml.read_text().replace("Erika Mustermann", LONG.replace("other@", "third@")))
    assert run("send", "--dry-run", folder=folder).code == 0
    read = message_from_bytes(
        (folder / "outbox" / "office-email.eml").read_bytes(), policy=policy.default
    )
    assert [(box.display_name, box.addr_spec) for box in read["To"].addresses] == [
        (LONG, "office@example.org")
    ]
    assert [box.addr_spec for box in read["From"].addresses] == ["appeals@example.org"]
