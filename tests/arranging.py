"""Who writes what a test arranges: the ledger refuses rows nobody answers for, so arrangements have a name.

Connections of the suite begin as `system:arrangement`, so that a test may simply create what it needs. While a
request is served nobody is named, as in production: a view that writes outside acting() fails.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connection, connections
from psycopg.pq import TransactionStatus

ARRANGEMENT = json.dumps(
    {"actor_kind": "system", "actor_name": "system:arrangement", "door": "job", "verb": "command.run"},
    separators=(",", ":"),
)


def install() -> None:
    """Name the arrangement on every connection made from now on, and nobody during requests."""
    connections.close_all()
    options = connections["default"].settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c ledger.acting={ARRANGEMENT}".strip()
    request_started.connect(_nobody, dispatch_uid="tests.nobody")
    request_finished.connect(_arrangement, dispatch_uid="tests.arrangement")


def _nobody(**kwargs: Any) -> None:
    _name("")


def _arrangement(**kwargs: Any) -> None:
    _name(ARRANGEMENT)


def _name(acting: str) -> None:
    """Past Django's cursor, so that no query count sees it."""
    driver = connection.connection
    if driver is not None and driver.info.transaction_status in (TransactionStatus.IDLE, TransactionStatus.INTRANS):
        driver.execute("SELECT set_config('ledger.acting', %s, false)", [acting])
