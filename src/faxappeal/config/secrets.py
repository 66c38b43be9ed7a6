"""Where passwords and keys come from: the environment, `.env`, a command, the system's keyring."""

from __future__ import annotations

import shlex
import subprocess
from importlib import import_module

from pydantic import SecretStr

from ..core.errors import SetupError
from .fields import Section, env_var_name

SERVICE = "faxappeal"  # the keyring's name for us
_PART = 1000  # characters of an entry: Windows takes 2560 bytes of UTF-16
TIMEOUT = 60  # seconds: a password manager may ask its owner something


def secret(section: Section, name: str, *path: str) -> str:
    """The secret `name` of the table `path`; SetupError says where to put it. Never logged."""
    value: SecretStr | None = getattr(section, name)
    if value is not None and value.get_secret_value():
        return value.get_secret_value()
    if command := getattr(section, f"{name}_command", None):
        return _ask(command)
    key = ".".join((*path, name))
    if stored := _keyring(key):
        return stored
    raise SetupError(
        f"no {key} is known",
        f"set {env_var_name((*path, name))} in the environment or in .env, or {name}_command"
        f" in [{'.'.join(path)}]",
    )


def _ask(command: str) -> str:
    """The first line that a command of the settings prints."""
    try:
        done = subprocess.run(
            shlex.split(command), capture_output=True, text=True, timeout=TIMEOUT, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        program = command.split()[0] if command.split() else command
        message = f"the command for a secret failed: {program}"
        raise SetupError(message, "run it by hand and read what it says") from error
    lines = done.stdout.splitlines()
    if not lines or not lines[0]:
        raise SetupError("the command for a secret printed nothing", "run it by hand")
    return lines[0]


def load(name: str) -> str | None:
    """What `store` has put into the system's keyring."""
    first = _keyring(f"{name}.0")
    if first is None:
        return None
    count, _, text = first.partition(":")
    parts = [_keyring(f"{name}.{number}") or "" for number in range(1, int(count))]
    return "".join((text, *parts))


def store(name: str, text: str) -> None:
    """Put a text that the program got itself into the system's keyring; SetupError where there is
    none. In parts, for that of Windows takes no long ones."""
    parts = [text[start : start + _PART] for start in range(0, len(text), _PART)] or [""]
    parts[0] = f"{len(parts)}:{parts[0]}"
    try:
        keyring = import_module("keyring")
        for number in reversed(range(len(parts))):
            keyring.set_password(SERVICE, f"{name}.{number}", parts[number])
    except ImportError as error:
        raise SetupError("there is no keyring", "pip install 'faxappeal[keyring]'") from error
    except keyring.errors.KeyringError as error:
        hint = "use token_command with a program that keeps it elsewhere"
        raise SetupError("this machine has no keyring to keep a sign-in in", hint) from error


def _keyring(name: str) -> str | None:
    try:
        keyring = import_module("keyring")
    except ImportError:
        return None
    try:
        value = keyring.get_password(SERVICE, name)
    except keyring.errors.KeyringError:  # no keyring on a machine without a desktop
        return None
    return str(value) if value else None
