"""A real Postfix with Dovecot in one folder, and the servers that it sends to.

    with Postfix(folder, {"embassy@example.org": "embassy"}) as server:
        ...  # ok@example.net is another Postfix' with DSN, ok@example.com one without

Debian's Postfix conflicts with its Exim as a package, but not unpacked. Its master insists on root;
whom else it insists on is invented by nss_wrapper. Nothing can leave the machine.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from tests.support.fakes.web import Reply, Request, Web, as_json
from tests.support.servers import mail
from tests.support.servers.debian import ROOT, NeedsRoot
from tests.support.servers.mail import DOMAIN, USERS, Mail, free_ports

PACKAGES = (*mail.PACKAGES, "postfix", "dovecot-lmtpd")
_LIBRARIES = ROOT / "usr/lib/postfix"
_QUEUES = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private"),
    *("saved", "trace"),
)
_MAIN = """\
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
command_directory = {root}/usr/sbin
daemon_directory = {root}/usr/lib/postfix/sbin
shlib_directory = {root}/usr/lib/postfix
meta_directory = {base}/postfix
mail_owner = postfix
setgid_group = postdrop
import_environment = MAIL_CONFIG TZ LD_LIBRARY_PATH LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
maillog_file = {base}/log/postfix.log
maillog_file_prefixes = {base}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.{domain}
myorigin = {domain}
mydestination =
mynetworks =
relay_domains = example.net, example.com
alias_maps =
alias_database =
local_recipient_maps =
smtp_host_lookup = native
disable_dns_lookups = yes
virtual_alias_maps = inline:{{ {aliases} }}
virtual_mailbox_domains = {domain}, desk.example.org
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_transport = lmtp:unix:{base}/dc/lmtp
transport_maps = inline:{{ {{example.net=smtp:[127.0.0.1]:{mx}}}, {{example.com=smtp:[127.0.0.1]:{old_mx}}} }}
default_transport = error:5.4.4 no route in the lab
relay_transport = error:5.4.4 no route in the lab
smtpd_sasl_type = dovecot
smtpd_sasl_path = {base}/dc/auth-postfix
smtpd_tls_cert_file = {base}/tls/cert.pem
smtpd_tls_key_file = {base}/tls/key.pem
smtpd_tls_auth_only = yes
smtpd_sasl_security_options = noanonymous
smtpd_sender_login_maps = inline:{{ {{appeals@example.org=sender@{domain}}} }}
smtpd_relay_restrictions = reject_sender_login_mismatch, permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
maximal_queue_lifetime = {lifetime}s
bounce_queue_lifetime = {lifetime}s
delay_warning_time = 1s
in_flow_delay = 0
"""
_MASTER = """\
127.0.0.1:{smtp} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
127.0.0.1:{in_clear} inet n - n - - smtpd
  -o smtpd_tls_security_level=none
127.0.0.1:{untrusted} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_tls_cert_file={base}/tls/other-cert.pem
  -o smtpd_tls_key_file={base}/tls/other-key.pem
127.0.0.1:{mx} inet n - n - - smtpd
  -o myhostname=mx.example.net
  -o smtpd_relay_restrictions=reject_unauth_destination
  -o {{ smtpd_recipient_restrictions = check_recipient_access inline:{{ {{nobody@example.net=550 5.1.1 No such user here}}, {{full@example.net=552 5.2.2 Mailbox full}}, {{grey@example.net=450 4.2.1 Greylisted, try again}} }}, permit }}
  -o content_filter=discard:
127.0.0.1:{old_mx} inet n - n - - smtpd
  -o myhostname=mx.example.com
  -o smtpd_discard_ehlo_keywords=dsn,chunking,smtputf8
  -o smtpd_relay_restrictions=reject_unauth_destination
  -o smtpd_recipient_restrictions=permit
  -o content_filter=discard:
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_DOVECOT = """
protocols = imap lmtp
auth_mechanisms = plain xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
"""
_OAUTH = """\
introspection_mode = post
introspection_url = {url}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""
_OWNER, _GROUP = 51_001, 51_002  # of nobody else's


class Postfix(Mail):
    """A mail server whose mailboxes are reached by LMTP, with two servers behind it."""

    packages = PACKAGES
    users: ClassVar = {"postfix": (_OWNER, _OWNER), "postdrop": (_GROUP, _GROUP)}
    lifetime = 4  # seconds in the queue, before a letter is given up

    def __init__(self, folder: Path, aliases: Mapping[str, str] | None = None) -> None:
        super().__init__(folder, aliases)
        self.mx, self.old_mx, self.in_clear, self.untrusted = free_ports(4)
        self.tokens: dict[str, str] = {}  # bearer tokens that are good now, and whose they are
        self._oauth = Web(self._introspect)

    def _introspect(self, request: Request) -> Reply:
        """RFC 7662."""
        user = self.tokens.get(request.form["token"])
        return as_json({"active": "true", "username": user} if user else {"active": "false"})

    def stop(self) -> None:
        super().stop()
        self._oauth.__exit__(None, None, None)

    @property
    def log(self) -> str:
        """What Postfix has written of its work so far."""
        path = self.folder / "log" / "postfix.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _lay_out_transport(self, values: Mapping[str, object]) -> None:
        if os.getuid() != 0:
            raise NeedsRoot("runs as root only")
        base = self.folder
        for name in ("postfix", "queue", "data"):
            (base / name).mkdir()
        self._make_certificate("other-")
        aliases = (f"{{{a}={local}@{DOMAIN}}}" for a, local in self.aliases.items())
        mailboxes = [f"{{{user}@{DOMAIN}={user}/}}" for user in USERS]
        mailboxes.append("{embassy@desk.example.org=embassy/}")
        known = {
            **values,
            **{name: getattr(self, name) for name in ("mx", "old_mx", "in_clear", "untrusted")},
            "lifetime": self.lifetime,
            "aliases": ", ".join(aliases),
            "mailboxes": ", ".join(mailboxes),
        }
        for name, text in (("main.cf", _MAIN), ("master.cf", _MASTER)):
            file = base / "postfix" / name
            file.write_text(text.format(**known))
            # Postfix waits until a file that it reads is some seconds old
            os.utime(file, (time.time() - 10,) * 2)
        with (base / "dovecot.conf").open("a") as dovecot:
            dovecot.write(_DOVECOT.format(**known))
        url = self._oauth.__enter__().url
        (base / "oauth2.conf").write_text(_OAUTH.format(url=url))
        with (base / "users").open("a") as known_users:
            known_users.write("embassy@desk.example.org:{PLAIN}-::::::\n")

    def _start_transport(self) -> None:
        self._make_queues()
        conf = self.folder / "postfix"
        for file in (conf, *conf.iterdir(), self.folder / "data"):
            os.chown(file, *((_OWNER, _OWNER) if file.name == "data" else (0, 0)))
        os.environ["MAIL_CONFIG"] = str(conf)
        try:
            self._start(_LIBRARIES / "sbin/master", "-d", "-c", conf, as_root=True)
        finally:
            del os.environ["MAIL_CONFIG"]
        for port in (self.mx, self.old_mx, self.in_clear, self.untrusted):
            self.await_(lambda port=port: mail.answers(port))  # type: ignore[misc]

    def _make_queues(self) -> None:
        """What `postfix check` would make."""
        queue = self.folder / "queue"
        os.chown(queue, 0, 0)
        for name in _QUEUES:
            (queue / name).mkdir(mode=0o700)
            os.chown(queue / name, _OWNER, -1)
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            (queue / name).mkdir()
            (queue / name).chmod(mode)
            os.chown(queue / name, _OWNER, _GROUP)
        (queue / "pid").mkdir()
        shutil.chown(queue / "pid", 0)
