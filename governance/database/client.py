"""`dbshell`: the psql that comes with the portal, signed in where the portal is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import client

from governance.database.embedded.account import binaries
from governance.database.embedded.cluster import Cluster


class DatabaseClient(client.DatabaseClient):
    """The stock client, pointed at the embedded cluster when that is the database."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        """The command line and environment of psql."""
        folder = settings_dict.get("EMBEDDED")
        if not folder:
            return super().settings_to_cmd_args_env(settings_dict, parameters)
        there = {**settings_dict, "HOST": str(Cluster(Path(folder)).socket_folder)}
        command, environment = super().settings_to_cmd_args_env(there, parameters)
        return [str(binaries(None) / "psql"), *list(command)[1:]], environment

    def runshell(self, parameters: Iterable[str]) -> None:
        """Start the embedded server if it is down, then psql."""
        self.connection.ensure_connection()
        super().runshell(parameters)
