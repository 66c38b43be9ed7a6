"""The files of a new campaign, with the places that are its user's to fill in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ...config.fields import env_var_name
from ...providers import fax
from ..json_schema import FILE as SCHEMA
from ..json_schema import text as schema_text
from ..letter import FILE as LETTER
from ..loading import RECIPIENTS
from ..settings import FILE as SETTINGS

NONE = "none"
MARK = "FILL IN"  # a place that is the user's to fill in
DOCS = "https://example.org/faxappeal/"  # where the site is
WORKFLOW = ".github/workflows/faxappeal.yml"
IGNORED = ".gitignore"
_HERE = Path(__file__).parent
_ASKED = {
    "campaign": "a short name: a-z, 0-9 and -",
    "sender": "your name, or your organisation's",
    "phone": "your telephone number, as in +49 30 23125 012",
    "email": "your e-mail address",
    "host": "your mail server, as in mail.example.org",
    "username": "how you sign in there, mostly your e-mail address",
    "project_id": "the project's id",
    "key_id": "the access key's id",
    "connection_id": "the id of the fax application",
    "from": "your fax number there, from + on",
    "url": "your space, as in https://example.signalwire.com",
}


@dataclass(frozen=True)
class Answers:
    """What the user said already; what is None is left to be filled in, and what is NONE is not
    wanted."""

    campaign: str | None = None
    sender: str | None = None
    phone: str | None = None
    email: str | None = None
    account: str | None = None
    mail_server: str | None = None


def files(answers: Answers) -> dict[str, str]:
    """The campaign's files by name: the three that are it, and what helps with them."""
    return {
        RECIPIENTS: _recipients(answers),
        LETTER: _text("letter.j2"),
        SETTINGS: _settings(answers),
        SCHEMA: schema_text(),
        IGNORED: _text("gitignore"),
        WORKFLOW: _text("check.yml"),
    }


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _recipients(answers: Answers) -> str:
    """The list, without the lines of a channel that is not wanted."""
    unwanted = tuple(
        start
        for start, answer in (("    fax:", answers.account), ("    email:", answers.mail_server))
        if answer == NONE
    )
    lines = _text("recipients.yaml").splitlines(keepends=True)
    return "".join(line for line in lines if not (unwanted and line.startswith(unwanted)))


def _settings(answers: Answers) -> str:
    return Template(_text("faxappeal.toml")).substitute(
        campaign=_value("campaign", answers.campaign),
        sender=_value("sender", answers.sender),
        phone=_value("phone", answers.phone),
        email=_value("email", answers.email),
        fax=_fax(answers.account),
        mail=_mail(answers),
    )


def _value(name: str, value: str | None) -> str:
    """A TOML string, which is a JSON one."""
    return json.dumps(value or f"{MARK}: {_ASKED[name]}", ensure_ascii=False)


def _fax(account: str | None) -> str:
    if account == NONE:
        return ""
    if account is None:
        mark = json.dumps(f"{MARK}: one of {', '.join(fax.names())}")
        return f"\n[fax]\naccount = {mark}   # and its table [fax.NAME]: {DOCS}how-to/accounts/\n"
    table = fax.table(account)
    fields = {info.alias or name: info for name, info in table.model_fields.items()}
    lines = ["", "[fax]", f'account = "{account}"   # {table.about}', ""]
    lines += [f"[fax.{account}]   # {DOCS}how-to/accounts/{account}/"]
    lines += [
        f"{name} = {_value(name, None)}" for name, info in fields.items() if info.is_required()
    ]
    lines += [
        f"# {name} = {json.dumps(info.default)}"
        for name, info in fields.items()
        if name in ("host", "port", "user")
    ]
    secret = next(name for name in fields if f"{name}_command" in fields)
    lines += [f"# its secret, in .env (chmod 600): {env_var_name(('fax', account, secret))}=…", ""]
    return "\n".join(lines)


def _mail(answers: Answers) -> str:
    if answers.mail_server == NONE:
        return ""
    secret = env_var_name(("email", "smtp", "password"))
    return (
        f'\n[email]\naccount = "smtp"\n\n[email.smtp]   # {DOCS}how-to/accounts/smtp/\n'
        f"host = {_value('host', answers.mail_server)}\n"
        'port = 465\nsecurity = "tls"   # or starttls, with port 587\n'
        f"username = {_value('username', answers.email)}\n"
        f"# its secret, in .env (chmod 600): {secret}=…\n"
        "\n# [email.imap]                       # what became of the e-mails is read here\n"
        f"# host = {json.dumps(answers.mail_server or 'mail.example.org')}\n"
    )
