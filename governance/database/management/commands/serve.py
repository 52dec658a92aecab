"""`serve`: the web and the job worker, together or each alone."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from governance.database import health, worker
from governance.database.processes import Processes, Stopped, end_with_parent, stopping_on_signals

MOST_PROCESSES = 4


class Command(BaseCommand):
    """Serves the portal until SIGTERM or Ctrl-C; refuses to start what `check --deploy` refuses in production."""

    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Which part, and where."""
        part = parser.add_mutually_exclusive_group()
        part.add_argument("--web", action="store_true", help="only the web processes")
        part.add_argument("--worker", action="store_true", help="only the job worker")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on; a TLS proxy stands before it")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--processes", type=int, default=min(MOST_PROCESSES, os.cpu_count() or 1))

    def handle(self, *args: Any, **options: Any) -> None:
        """Look whether all is fit to serve, then serve."""
        self.refuse_unfit()
        end_with_parent()
        if options["web"]:
            serve_web(options["host"], options["port"], options["processes"])
        elif options["worker"]:
            worker.work()
        else:
            self.serve_both(options["host"], options["port"], options["processes"])

    def refuse_unfit(self) -> None:
        """Raise CommandError for a database that is away or not migrated, and for whatever production refuses."""
        self.check(include_deployment_checks=settings.PRODUCTION)
        try:
            faults = [each.fault for each in health.standing() if not each.holds]
        except DatabaseError as error:
            raise CommandError(f"The database cannot be reached: {error}") from error
        if faults:
            raise CommandError("\n".join(faults))

    def serve_both(self, host: str, port: int, processes: int) -> None:
        """Start both as children and stop both when either signal comes or the web ends."""
        children = Processes()
        code = 0
        with stopping_on_signals():
            try:
                children.start("serve", "--worker", again=True)
                children.start(
                    "serve", "--web", "--host", host, "--port", str(port), "--processes", str(processes), again=False
                )
                self.stdout.write(f"Serving on http://{host}:{port}; Ctrl-C stops.")
                self.stdout.flush()
                code = children.watch() or 1
            except Stopped:
                pass
            finally:
                children.stop()
        if code:
            raise CommandError("The web server ended by itself.", returncode=code)


def serve_web(host: str, port: int, processes: int) -> None:
    """Serve the web until a signal; a worker process that dies is replaced."""
    connection.close()  # the processes connect by themselves
    Granian(
        "governance.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=1,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()
