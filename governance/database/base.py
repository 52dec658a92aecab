"""Django's PostgreSQL engine, which starts the embedded server when nobody answers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from governance.database.client import DatabaseClient
from governance.database.embedded.account import EmbeddedError
from governance.database.embedded.cluster import Cluster
from governance.database.embedded.sharing import ensure, join

PATIENCE_SECONDS = 30
PASSING = ("starting up", "shutting down", "not yet accepting", "in recovery mode")


class DatabaseWrapper(base.DatabaseWrapper):
    """The stock engine, except that a connection to the embedded cluster first brings it up.

    A server that was killed or stopped comes back with the next connection; settings, checks of types and `--help`
    never start one.
    """

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """The stock parameters, with the socket of the embedded cluster as host."""
        parameters: dict[str, Any] = super().get_connection_params()
        if cluster := self.embedded():
            parameters["host"] = str(cluster.socket_folder)
        return parameters

    def embedded(self) -> Cluster | None:
        """The embedded cluster this connection belongs to, or None for a server somebody else runs."""
        folder = self.settings_dict.get("EMBEDDED")
        return Cluster(Path(folder)) if folder else None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; if nobody answers, start the embedded server and try again until it has recovered."""
        cluster = self.embedded()
        if cluster is None:
            return super().get_new_connection(conn_params)
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            join(cluster)
            while True:
                try:
                    return super().get_new_connection(conn_params)
                except psycopg.OperationalError as error:
                    passing = any(text in str(error) for text in PASSING)
                    if time.monotonic() > deadline or (cluster.answers() and not passing):
                        raise
                ensure(cluster)
                time.sleep(0.05)
        except EmbeddedError as error:
            raise psycopg.OperationalError(str(error)) from error
