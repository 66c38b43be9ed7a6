"""A real DNS server (NSD) with zones of the test's.

with Names(folder, {"example.org": '@ IN TXT "v=spf1 -all"'}) as names:
    ...  # ask dns.resolver
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dns.exception import DNSException
from dns.resolver import Resolver

from tests.support.servers.debian import ROOT, ServerMissing, unpack
from tests.support.servers.mail import free_ports

PACKAGES = ("nsd", "libprotobuf-c1", "libfstrm0", "libevent-2.1-7")
_SERVER = """\
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
  database: ""
  pidfile: ""
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  logfile: "{folder}/nsd.log"
  server-count: 1
  do-ip6: no
remote-control:
  control-enable: no
"""
_ZONE = """\
$ORIGIN {name}.
$TTL 60
@ IN SOA ns hostmaster 1 60 60 60 60
@ IN NS ns
ns IN A 127.0.0.1
"""


def resolver(port: int = 9) -> Resolver:
    """Asks only the server at that port of this machine; by default there is none."""
    asking = Resolver(configure=False)
    asking.nameservers, asking.port, asking.lifetime = ["127.0.0.1"], port, 0.2
    return asking


class Names:
    """NSD, which knows these zones and answers for no others."""

    def __init__(self, folder: Path, zones: Mapping[str, str]) -> None:
        self.folder, self.zones = folder, dict(zones)
        [self.port] = free_ports(1)
        self.resolver = resolver(self.port)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Names:
        unpack(*PACKAGES)
        conf = _SERVER.format(port=self.port, folder=self.folder)
        for name, records in self.zones.items():
            (self.folder / f"{name}.zone").write_text(_ZONE.format(name=name) + records + "\n")
            conf += f'zone:\n  name: "{name}"\n  zonefile: "{name}.zone"\n'
        (self.folder / "nsd.conf").write_text(conf)
        libraries = {path.parent for path in ROOT.glob("usr/lib/*/*.so.*")}
        user: dict[str, object] = {}
        if os.getuid() == 0:
            owner = pwd.getpwnam("nobody")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self._process = subprocess.Popen(
            [ROOT / "usr/sbin/nsd", "-d", "-c", self.folder / "nsd.conf"],
            env={"LD_LIBRARY_PATH": ":".join(map(str, libraries))},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **user,  # type: ignore[call-overload]
        )
        try:
            self._await_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()

    def _await_answers(self) -> None:
        assert self._process
        end = time.monotonic() + 10
        while self._process.poll() is None and time.monotonic() < end:
            try:
                for name in self.zones:
                    self.resolver.resolve(name, "SOA")
                return
            except (DNSException, OSError):
                time.sleep(0.02)
        log = self.folder / "nsd.log"
        words = log.read_text()[-300:] if log.exists() else "no word"
        raise ServerMissing(f"NSD does not answer: {words}")
