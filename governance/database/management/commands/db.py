"""`db start | stop | status | reset`: the embedded PostgreSQL by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.database.embedded.account import EmbeddedError
from governance.database.embedded.cluster import Cluster
from governance.database.embedded.sharing import ensure, is_kept, keep


class Command(BaseCommand):
    """Starts, stops, describes or removes the embedded PostgreSQL; commands that need it start it by themselves."""

    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """One word, and a way to answer the question of `reset` beforehand."""
        parser.add_argument("what", choices=("start", "stop", "status", "reset"))
        parser.add_argument("--yes", action="store_true", help="reset without asking")

    def handle(self, *args: Any, what: str, yes: bool, **options: Any) -> None:
        """Do what was asked; a database named by DATABASE_URL is not ours to start or stop."""
        folder = settings.DATABASES["default"].get("EMBEDDED")
        if not folder:
            raise CommandError("DATABASE_URL names a server of your own; start and stop it with its own tools.")
        cluster = Cluster(Path(folder))
        try:
            self.stdout.write(getattr(self, what)(cluster, yes))
        except EmbeddedError as error:
            raise CommandError(str(error)) from error

    def start(self, cluster: Cluster, _: bool) -> str:
        """Start it and keep it up until `db stop`."""
        ensure(cluster)
        keep(cluster, wanted=True)
        return f"PostgreSQL answers in {cluster.socket_folder} and stays up until `db stop`."

    def stop(self, cluster: Cluster, _: bool) -> str:
        """Stop it, ending its connections; the next command that needs it starts it again."""
        keep(cluster, wanted=False)
        with cluster.locked():
            cluster.stop()
        return "PostgreSQL is stopped."

    def status(self, cluster: Cluster, _: bool) -> str:
        """Say where it lives, whether it answers, and how to sign in by hand."""
        state = "answers" if cluster.answers() else "is stopped" if cluster.exists else "has not been made yet"
        stays = ", and stays up until `db stop`" if is_kept(cluster) else ""
        return (
            f"PostgreSQL {state}{stays}.\ndata folder: {cluster.data}\n"
            f"sign in: psql -h {cluster.socket_folder} -U countersign_app countersign"
        )

    def reset(self, cluster: Cluster, yes: bool) -> str:
        """Remove the cluster with everything in it."""
        if not yes and input(f"Remove {cluster.data} with everything in it? Type 'yes': ") != "yes":
            raise CommandError("Nothing was removed.")
        keep(cluster, wanted=False)
        with cluster.locked():
            cluster.remove()
        return f"{cluster.data} is removed."
