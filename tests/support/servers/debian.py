"""Debian packages without installing them: fetched with apt-get, unpacked in a folder of ours.

Nothing on the system changes: apt keeps its lists and downloads in the same git-ignored folder, so
this works for an ordinary user, offline once the packages are there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[3] / ".servers"
ROOT = FOLDER / "root"
_DOWNLOADS = FOLDER / "apt"
_DEBS = _DOWNLOADS / "debs"


class NeedsRoot(Exception):
    """A server that only root can run."""


class ServerMissing(Exception):
    """A test server cannot be had here; the text says which and why."""


def unpack(*packages: str) -> Path:
    """The folder in which these packages are unpacked together, as if it were `/`."""
    missing = [name for name in packages if not (FOLDER / f"{name}.unpacked").exists()]
    if not missing:
        return ROOT
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise ServerMissing(f"{', '.join(missing)}: no apt-get and dpkg-deb here")
    ROOT.mkdir(parents=True, exist_ok=True)
    for name in missing:
        for old in _DEBS.glob(f"{name}_*.deb"):
            old.unlink()
        apt("download", name)
        (deb,) = _DEBS.glob(f"{name}_*.deb")
        subprocess.run(["dpkg-deb", "-x", deb, ROOT], check=True)
        (FOLDER / f"{name}.unpacked").touch()
    return ROOT


def apt(*arguments: str) -> str:
    """What apt-get says, with lists and downloads in our folder; ServerMissing where it fails."""
    if not any((_DOWNLOADS / "lists").glob("*Packages*")) and arguments != ("update",):
        apt("update")
    for folder in ("lists/partial", "cache/archives/partial", "debs"):
        (_DOWNLOADS / folder).mkdir(parents=True, exist_ok=True)
    options = [
        f"Dir::State::lists={_DOWNLOADS}/lists",
        f"Dir::Cache={_DOWNLOADS}/cache",
        "APT::Sandbox::User=" + (os.environ.get("USER") or "root"),
        "Acquire::Retries=3",
    ]
    command = ["apt-get", "-q", *(word for option in options for word in ("-o", option))]
    done = subprocess.run(
        [*command, *arguments], cwd=_DEBS, capture_output=True, text=True, check=False
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["apt-get failed"])[-1]
        raise ServerMissing(f"apt-get {' '.join(arguments)}: {why}")
    return done.stdout
