"""A real mail server in one folder: Exim takes the messages, Dovecot shows the mailboxes.

    with Mail(folder, {"office@example.org": "embassy"}) as server:
        ...  # send to server.host, server.smtps
        [received] = server.wait_for("embassy", 1)

Both come from Debian's packages, unpacked and not installed, and run as an ordinary user; whom they
insist on (Debian-exim, dovecot) is that user, by nss_wrapper. Nothing can leave the machine: an
address that has no mailbox here fails inside Exim.
"""

from __future__ import annotations

import email
import email.policy
import grp
import imaplib
import os
import pwd
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import ClassVar, Self

import trustme

from tests.support import boundaries
from tests.support.servers.debian import ROOT, ServerMissing, unpack

PACKAGES = (
    "exim4-daemon-light",
    "dovecot-core",
    "dovecot-imapd",
    "libnss-wrapper",
    # what those need beyond a small Debian
    *("libdb5.3", "libgnutls-dane0", "libunbound8", "libevent-2.1-7", "libidn12", "libnsl2"),
    *("libtirpc3", "libexttextcat-2.0-0", "libicu72", "liblua5.4-0", "liblz4-1", "libsodium23"),
    *("libstemmer0d", "libunwind8", "libwrap0", "libapparmor1", "libcap2", "libpam0g"),
)
DOMAIN = "lab.test"
USERS = {"sender": "s3nd-pass", "embassy": "emb-pass", "bounces": "bnc-pass"}

_EXIM = """\
exim_path = {base}/exim
exim_user = {user}
exim_group = {group}
spool_directory = {base}/spool
log_file_path = {base}/log/%slog
pid_file_path = {base}/exim.pid
primary_hostname = mail.{domain}
local_interfaces = <; 127.0.0.1
daemon_smtp_ports = {smtp} : {smtps}
tls_on_connect_ports = {smtps}
tls_advertise_hosts = *
tls_certificate = {base}/tls/cert.pem
tls_privatekey = {base}/tls/key.pem
dsn_advertise_hosts = *
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
never_users =
keep_environment = LD_LIBRARY_PATH : LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
deliver_drop_privilege = true
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
begin acl
acl_rcpt:
  deny  ! authenticated = *
        message = 5.7.1 authenticate first
  deny  local_parts = nobody
        message = 5.1.1 no such user
  defer local_parts = grey
        message = 4.2.1 greylisted, try again
  accept
acl_data:
  deny  condition = ${{if match{{$rh_subject:}}{{REJECTDATA}}}}
        message = 5.7.1 content refused
  defer condition = ${{if match{{$rh_subject:}}{{DEFERDATA}}}}
        message = 4.3.2 come back later
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if eq{{$auth3}}{{${{lookup{{$auth2}}lsearch{{{base}/passwd.exim}}{{$value}}fail}}}}}}
  server_set_id = $auth2
begin routers
latebounce:
  driver = redirect
  local_parts = latebounce
  allow_fail
  data = :fail: 5.1.1 nobody of that name
alias:
  driver = redirect
  data = ${{lookup{{$local_part@$domain}}wildlsearch{{{base}/aliases}}}}
mailbox:
  driver = accept
  domains = {domain}
  local_parts = {users}
  transport = maildir
nothing_leaves:
  driver = redirect
  allow_fail
  data = :fail: no route in the lab
begin transports
maildir:
  driver = appendfile
  directory = {base}/mail/$local_part_data/Maildir
  maildir_format
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add
  user = {user}
begin retry
* * F,20s,2s
begin rewrite
"""
_DOVECOT = """\
base_dir = {base}/dc
state_dir = {base}/dc
instance_name = lab{imaps}
libexec_dir = {root}/usr/lib/dovecot
mail_plugin_dir = {root}/usr/lib/dovecot/modules
import_environment = LD_LIBRARY_PATH LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
log_path = {base}/log/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{base}/tls/cert.pem
ssl_key = <{base}/tls/key.pem
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
auth_mechanisms = plain
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {base}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/mail/%n
}}
first_valid_uid = 1
mail_location = maildir:{base}/mail/%n/Maildir
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Received:
    """A message in a mailbox."""

    raw: bytes
    message: EmailMessage


class Mail:
    """A mail server; `aliases` maps full addresses of any domain to one of `USERS`."""

    host = "localhost"
    domain = DOMAIN
    packages: tuple[str, ...] = PACKAGES
    # whom a server wants beside those, with their groups
    users: ClassVar[Mapping[str, tuple[int, int]]] = {}

    def __init__(self, folder: Path, aliases: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self.aliases = dict(aliases or {})
        self.smtp, self.smtps, self.imaps = free_ports(3)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._link: Path | None = None
        # root runs them as somebody who owns nothing
        self._owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())

    @property
    def ca_file(self) -> Path:
        """The certificate authority that both servers' certificate is from."""
        return self.folder / "tls" / "ca.pem"

    def __enter__(self) -> Self:
        unpack(*self.packages)
        self._lay_out()
        try:
            self._start(
                ROOT / "usr/bin/doveconf",
                *("-c", self.folder / "dovecot.conf", "-f", "service=master"),
                *("-e", ROOT / "usr/sbin/dovecot", "-F", "-c", self.folder / "dovecot.conf"),
            )
            self._start_transport()
            for port in (self.smtp, self.smtps, self.imaps):
                self.await_(lambda port=port: answers(port))  # type: ignore[misc]
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End both servers with all that they started."""
        for process in reversed(self._processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._processes.clear()
        if self._link:
            self._link.unlink(missing_ok=True)

    # -- what a test looks at

    def messages(self, user: str) -> list[Received]:
        """The messages in a user's inbox, oldest first, read without marking them."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        found = []
        with imaplib.IMAP4_SSL(self.host, self.imaps, ssl_context=context) as imap:
            imap.login(f"{user}@{self.domain}", USERS[user])
            imap.select("INBOX", readonly=True)
            for number in imap.search(None, "ALL")[1][0].split():
                raw = imap.fetch(number, "(BODY.PEEK[])")[1][0][1]  # type: ignore[index]
                assert isinstance(raw, bytes)
                message = email.message_from_bytes(raw, policy=email.policy.default)
                assert isinstance(message, EmailMessage)
                found.append(Received(raw, message))
        return found

    def wait_for(self, user: str, count: int, seconds: float = 10) -> list[Received]:
        """The messages once there are so many."""
        found: list[Received] = []

        def enough() -> bool:
            found[:] = self.messages(user)
            return len(found) >= count

        self.await_(enough, seconds)
        return found

    # -- start

    def await_(self, test: Callable[[], bool], seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not test():
            for process in self._processes:
                if process.poll() is not None:
                    raise ServerMissing(f"a mail server ends at once: {self._last_words()}")
            if time.monotonic() > end:
                raise TimeoutError(f"nothing after {seconds} s: {self._last_words()}")
            time.sleep(0.02)

    def _last_words(self) -> str:
        logs = [*self.folder.glob("*.out"), *(self.folder / "log").glob("*")]
        return " | ".join(log.read_text(errors="replace")[-300:].strip() for log in logs)

    def _start_transport(self) -> None:
        self._start(self.folder / "exim", "-C", self.folder / "exim.conf", "-bdf", "-q1s")

    def _start(self, *command: str | Path, as_root: bool = False) -> None:
        user: dict[str, object] = {}
        if os.getuid() == 0 and not as_root:
            owner = self._owner
            user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        with (self.folder / f"{Path(command[0]).name}.out").open("wb") as out:
            self._processes.append(
                subprocess.Popen(
                    command,
                    cwd=self.folder,
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                    **user,  # type: ignore[call-overload]
                )
            )

    def _environment(self) -> dict[str, str]:
        libraries = {path.parent for path in ROOT.glob("usr/lib/*/*.so.*")}
        libraries.add(ROOT / "usr/lib/postfix")
        libraries |= {path.parent for path in ROOT.glob("lib/*/*.so.*")}
        wrapper = next(ROOT.glob("usr/lib/*/libnss_wrapper.so"))
        dovecot = ROOT / "usr/lib/dovecot"
        paths = [self.folder / "lib", dovecot, dovecot / "modules/old-stats", *sorted(libraries)]
        extra = {name: os.environ[name] for name in ("MAIL_CONFIG",) if name in os.environ}
        return {
            **extra,
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LD_LIBRARY_PATH": ":".join(str(path) for path in paths),
            "LD_PRELOAD": str(wrapper),
            "NSS_WRAPPER_PASSWD": str(self.folder / "passwd"),
            "NSS_WRAPPER_GROUP": str(self.folder / "group"),
            "TZ": "UTC",
        }

    def _lay_out(self) -> None:
        base = self.folder
        for name in ("tls", "spool", "log", "mail", "dc"):
            (base / name).mkdir(parents=True, exist_ok=True)
        self._make_certificate()
        self._move_modules()
        uid, gid = self._owner.pw_uid, self._owner.pw_gid
        group = grp.getgrgid(gid).gr_name
        user = self._owner.pw_name
        names = {"root": (0, 0), user: (uid, gid)}
        names |= dict.fromkeys(("Debian-exim", "dovecot", "dovenull", "mail"), (uid, gid))
        names |= self.users
        passwd = "".join(f"{n}:x:{u}:{g}::{base}:/bin/false\n" for n, (u, g) in names.items())
        groups = {group: gid, "root": 0, "Debian-exim": gid, "mail": gid}
        groups |= {name: number for name, (_, number) in self.users.items()}
        (base / "passwd").write_text(passwd)
        (base / "group").write_text("".join(f"{n}:x:{g}:\n" for n, g in groups.items()))
        (base / "users").write_text(
            "".join(f"{name}@{DOMAIN}:{{PLAIN}}{word}::::::\n" for name, word in USERS.items())
        )
        values = {
            "base": base,
            "root": ROOT,
            "user": user,
            "group": group,
            "domain": DOMAIN,
            "smtp": self.smtp,
            "smtps": self.smtps,
            "imaps": self.imaps,
            "users": " : ".join(USERS),
        }
        (base / "dovecot.conf").write_text(_DOVECOT.format(**values))
        self._lay_out_transport(values)
        if os.getuid() == 0:
            for path in (base, *base.rglob("*")):
                os.chown(path, uid, gid)

    def _lay_out_transport(self, values: Mapping[str, object]) -> None:
        base = self.folder
        exim = base / "exim"  # a copy is not set-uid
        shutil.copyfile(ROOT / "usr/sbin/exim4", exim)
        exim.chmod(0o755)
        (base / "passwd.exim").write_text(
            "".join(f"{name}@{DOMAIN}: {password}\n" for name, password in USERS.items())
        )
        (base / "aliases").write_text(
            "".join(f"{address}: {local}@{DOMAIN}\n" for address, local in self.aliases.items())
        )
        (base / "exim.conf").write_text(_EXIM.format(**values))

    def _move_modules(self) -> None:
        """Dovecot's libraries with their modules' folder where it was unpacked.

        The path is compiled in; a link of the same length takes its place.
        """
        compiled_in = b"/usr/lib/dovecot/modules"
        self._link = Path("/tmp") / f"fa-{secrets.token_hex(8)}"
        assert len(str(self._link)) == len(compiled_in)
        boundaries.may_write(self._link)
        self._link.symlink_to(ROOT / "usr/lib/dovecot/modules")
        (self.folder / "lib").mkdir()
        for library in (ROOT / "usr/lib/dovecot").glob("libdovecot*.so.0"):
            moved = library.read_bytes().replace(compiled_in, str(self._link).encode())
            (self.folder / "lib" / library.name).write_bytes(moved)

    def _make_certificate(self, which: str = "") -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost", "127.0.0.1")
        tls = self.folder / "tls"
        authority.cert_pem.write_to_path(str(tls / f"{which}ca.pem"))
        certificate.private_key_pem.write_to_path(str(tls / f"{which}key.pem"))
        chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
        (tls / f"{which}cert.pem").write_bytes(chain)


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
