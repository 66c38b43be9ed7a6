"""Debian packages without installing them: fetched with apt-get, unpacked in a folder of ours.

Nothing on the system changes: apt keeps its lists and downloads in the same git-ignored folder, so
this works for an ordinary user, offline once the packages are there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[2] / ".servers"
ROOT = FOLDER / "root"


class ServerMissing(Exception):
    """A test server cannot be had here; the text says which and why."""


def unpack(*packages: str) -> Path:
    """The folder in which these packages are unpacked together, as if it were `/`."""
    missing = [name for name in packages if not (FOLDER / f"{name}.unpacked").exists()]
    if not missing:
        return ROOT
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise ServerMissing(f"{', '.join(missing)}: no apt-get and dpkg-deb here")
    downloads = FOLDER / "apt"
    for folder in ("lists/partial", "cache/archives/partial", "debs"):
        (downloads / folder).mkdir(parents=True, exist_ok=True)
    ROOT.mkdir(parents=True, exist_ok=True)
    if not any((downloads / "lists").glob("*Packages*")):
        _apt(downloads, "update")
    for name in missing:
        for old in (downloads / "debs").glob(f"{name}_*.deb"):
            old.unlink()
        _apt(downloads, "download", name)
        (deb,) = (downloads / "debs").glob(f"{name}_*.deb")
        subprocess.run(["dpkg-deb", "-x", deb, ROOT], check=True)
        (FOLDER / f"{name}.unpacked").touch()
    return ROOT


def _apt(downloads: Path, *arguments: str) -> None:
    options = [
        f"Dir::State::lists={downloads}/lists",
        f"Dir::Cache={downloads}/cache",
        "APT::Sandbox::User=" + (os.environ.get("USER") or "root"),
        "Acquire::Retries=3",
    ]
    command = ["apt-get", "-q", *(word for option in options for word in ("-o", option))]
    done = subprocess.run(
        [*command, *arguments], cwd=downloads / "debs", capture_output=True, text=True, check=False
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["apt-get failed"])[-1]
        raise ServerMissing(f"apt-get {' '.join(arguments)}: {why}")
