"""`demo`: the portal with a demonstration organisation, from an empty folder to a page in one command."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from governance.database import health
from governance.database.embedded.cluster import Cluster
from governance.database.embedded.sharing import keep
from governance.database.processes import Processes, Stopped, stopping_on_signals
from governance.demo.accounts import fresh_token, set_up
from governance.demo.handout import Handout
from governance.demo.seed import seed
from governance.demo.tampering import tamper

LISTENING_SECONDS = 180  # a busy machine takes its time
RUNNING = 20_261_121  # the advisory lock a running demonstration shares with others
OTHERS = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND classid = 0 AND objid = %s AND objsubid = 1 AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Command(BaseCommand):
    """Migrates, seeds what is missing, and serves until Ctrl-C. Running it again changes nothing it made."""

    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and where."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--reset", action="store_true", help="begin with an empty database")
        parser.add_argument("--no-serve", action="store_true", help="only seed")
        parser.add_argument("--json", action="store_true", help="answer one line of JSON instead of text")
        parser.add_argument("--tamper", action="store_true", help="change one row as the owner of the tables, and end")
        parser.add_argument(
            "--into-database-url", action="store_true", help="seed the database DATABASE_URL names; it is left as it is"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse a database of somebody's own, then do what was asked."""
        self.refuse_other_databases(told=options["into_database_url"])
        if options["tamper"]:
            self.tell_tampering()
            return
        if not options["no_serve"]:
            _refuse_taken_port(options["port"])
        with stopping_on_signals():
            try:
                if options["reset"]:
                    _reset()
                url = f"http://127.0.0.1:{options['port']}"
                handout = self.prepare(url)
                said = handout.as_json() if options["json"] else handout.as_text()
                if options["no_serve"]:
                    self.tell(said)
                else:
                    _serve(url, options["port"], lambda: self.tell(said))
            except Stopped:
                self.stderr.write("Stopped.")

    def tell(self, said: str) -> None:
        """Say where everything is."""
        self.stdout.write(said)
        self.stdout.flush()

    def refuse_other_databases(self, *, told: bool) -> None:
        """Raise CommandError before invented people are written into a database that is not the demonstration's."""
        if settings.PRODUCTION:
            raise CommandError("The demonstration does not run with production settings.")
        if not health.is_embedded() and not told:
            raise CommandError(
                "DATABASE_URL is set: the demonstration writes invented people and systems. Unset it to use the"
                " embedded database, or say --into-database-url."
            )

    def prepare(self, url: str) -> Handout:
        """Bring the database to the story's present; what stands already is left alone."""
        call_command("migrate", verbosity=0, interactive=False)
        if not _alone():
            self.stderr.write(
                "Another demonstration runs on this data. Its password and its token end now; those told below count"
                " for both. Set PORTAL_DATA to another folder for one of its own."
            )
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(12)
        people = set_up(password)
        seed(people)
        return Handout(url=url, password=password, token=fresh_token(people["governance"]))

    def tell_tampering(self) -> None:
        """Tamper, and say with what and how to find it."""
        done = tamper()
        self.stdout.write(
            f"Triggers off, as the owner of the tables: {done.table}, row {done.key}, {done.field}:"
            f" {done.before} → {done.after}. Triggers on again.\n"
            "Nothing in the ledger tells of it. Now run: manage.py verify_ledger\n"
            "`manage.py demo --reset` makes the demonstration whole again."
        )


def _alone() -> bool:
    """Whether no other demonstration runs on this database; says to later ones that this one does, until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [RUNNING])
        cursor.execute(OTHERS, [RUNNING])
        (others,) = cursor.fetchone()
    return not others


def _serve(url: str, port: int, told: Callable[[], None]) -> None:
    """Serve until a signal, telling when the web answers; raises CommandError when the web ends by itself."""
    os.environ["PORTAL_URL"] = url
    children = Processes()
    try:
        children.start("serve", "--worker", again=True)
        children.start("serve", "--web", "--port", str(port), again=False)
        if _listens(port, children):
            told()
        raise CommandError(f"The web server ended by itself with {children.watch()}.")
    finally:
        children.stop()


def _listens(port: int, children: Processes) -> bool:
    """Whether something listens before long; a web that cannot start ends, and says why by itself."""
    deadline = time.monotonic() + LISTENING_SECONDS
    while time.monotonic() < deadline and not children.lost:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


def _reset() -> None:
    """Remove the embedded database with everything in it. Raises CommandError for another database."""
    folder = settings.DATABASES["default"].get("EMBEDDED")
    if not folder:
        raise CommandError("--reset only removes the embedded database.")
    cluster = Cluster(Path(folder))
    keep(cluster, wanted=False)
    with cluster.locked():
        cluster.remove()


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(f"Port {port} is taken: say --port with another one.") from error
