"""The files of a new campaign, from what its user has said already."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import yaml

from faxappeal.campaign import json_schema, letter, recipients
from faxappeal.campaign.starter import IGNORED, MARK, NONE, WORKFLOW, Answers, files
from faxappeal.providers import fax

SIX = Answers(
    campaign="free-the-writers",
    sender='Erika "E." Müller',
    phone="+49 30 23125 012",
    email="erika@example.org",
    account="hylafax",
    mail_server="mail.example.org",
)


def settings(answers: Answers) -> dict[str, Any]:
    return tomllib.loads(files(answers)["faxappeal.toml"])


def test_a_new_campaign_has_its_three_files_and_what_helps_with_them() -> None:
    assert set(files(Answers())) == {
        "recipients.yaml", "letter.j2", "faxappeal.toml", json_schema.FILE, IGNORED, WORKFLOW,
    }  # fmt: skip


def test_what_was_said_is_written_as_it_was_said() -> None:
    made = settings(SIX)
    assert made["campaign"]["id"] == "free-the-writers"
    assert made["sender"] == {
        "name": 'Erika "E." Müller', "phone": "+49 30 23125 012", "email": "erika@example.org",
    }  # fmt: skip
    assert made["fax"] == {"account": "hylafax", "hylafax": {}}
    assert made["email"]["smtp"]["host"] == "mail.example.org"
    assert made["email"]["smtp"]["username"] == "erika@example.org"
    assert MARK not in files(SIX)["faxappeal.toml"]


def test_what_was_not_said_is_left_to_be_filled_in() -> None:
    made = settings(Answers())
    for value in (
        made["campaign"]["id"],
        *made["sender"].values(),
        made["fax"]["account"],
        made["email"]["smtp"]["host"],
        made["email"]["smtp"]["username"],
    ):
        assert value.startswith(f"{MARK}: ")
    assert all(name in made["fax"]["account"] for name in fax.names())


@pytest.mark.parametrize("account", fax.names())
def test_an_account_has_its_table_with_what_it_needs(account: str) -> None:
    made = settings(Answers(account=account))
    table = fax.table(account)
    needed = {info.alias or name for name, info in table.model_fields.items() if info.is_required()}
    assert made["fax"]["account"] == account
    assert set(made["fax"][account]) == needed


@pytest.mark.parametrize("account", fax.names())
def test_no_secret_is_asked_for_in_the_file(account: str) -> None:
    text = files(Answers(account=account))["faxappeal.toml"]
    assert f"# its secret, in .env (chmod 600): FAXAPPEAL_FAX__{account.upper()}__" in text
    words = ("password", "secret", "token")
    assert not [key for key in settings(Answers(account=account))["fax"][account] if key in words]


@pytest.mark.parametrize(
    ("answers", "tables", "contacts"),
    [
        (Answers(), {"fax", "email"}, {"fax", "email"}),
        (Answers(account=NONE), {"email"}, {"email"}),
        (Answers(mail_server=NONE), {"fax"}, {"fax"}),
        (Answers(account=NONE, mail_server=NONE), set(), set()),
    ],
    ids=["both", "no fax", "no e-mail", "neither"],
)
def test_a_channel_that_is_not_wanted_is_nowhere(
    answers: Answers, tables: set[str], contacts: set[str]
) -> None:
    assert set(settings(answers)) & {"fax", "email"} == tables
    [entry] = yaml.safe_load(files(answers)["recipients.yaml"])["recipients"]
    assert set(entry) & {"fax", "email"} == contacts


def test_the_list_has_a_mark_where_something_is_missing_and_no_other_mistake() -> None:
    found = recipients.read(files(Answers())["recipients.yaml"])
    assert {each.rule for each in found.findings} == {"bad-value", "fax-number", "email-address"}
    lines = files(Answers())["recipients.yaml"].splitlines()
    assert all(MARK in lines[each.place.line - 1] for each in found.findings)


def test_the_letter_is_one() -> None:
    made, findings = letter.read(files(Answers())["letter.j2"])
    assert made and not findings
    assert made.subject[0].startswith(MARK)


def test_an_editor_finds_the_schema_beside_the_list() -> None:
    made = files(Answers())
    assert f"$schema=./{json_schema.FILE}" in made["recipients.yaml"].splitlines()[0]
    assert made[json_schema.FILE] == json_schema.text()


def test_secrets_are_kept_out_of_git_and_ci_may_only_read() -> None:
    made = files(Answers())
    assert "/.env" in made[IGNORED].splitlines()
    assert yaml.safe_load(made[WORKFLOW])["permissions"] == {"contents": "read"}
