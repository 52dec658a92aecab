"""The three classes of table, and how an application declares which of its tables is what.

An application lists its tables in a module `tables.py` beside its models:

    from governance.ledger.tables import Governed, Operational

    TABLES = {
        "inventory_release": Governed(scope="system", transitions={"state": RELEASE}),
        "inventory_unitclosure": Operational("derived from inventory_unit by trigger"),
    }

and gives each governed or evidence table its triggers in a hand-written migration with the same words (see
`governance.ledger.operations`). Tests compare declarations, triggers and function bodies with the database, both
ways: a table without a class fails, and so does a declaration the triggers do not follow.

**Governed**: every row change is an event with images before and after. `scope` is the path of foreign keys to the
System (`""`: the row is one; `None`: it belongs to none). `secret` columns never enter the ledger and `volatile` ones
are not worth an event; a change of only those needs no actor. `personal` columns enter as digests keyed by the row's
secret `salt`. `removable` rows may be deleted (membership lists); the event keeps what was removed. `transitions`
names the machine a state column follows and `initial` the states a row may begin in.
**Evidence**: append-only; one event with a digest per batch.
**Operational**: not recorded; the reason says why that is right.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from django.apps import apps

from governance.ledger.recording import Recording
from governance.lifecycle import Machine


@dataclass(frozen=True)
class Governed:
    """A table whose every row change is an event."""

    scope: str | None = None
    secret: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    removable: bool = False
    key: str = "id"
    transitions: Mapping[str, Machine[Any]] = field(default_factory=dict)
    initial: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """An append-only table; one event with a digest per batch."""

    scope: str | None = None
    key: str = "id"


@dataclass(frozen=True)
class Operational:
    """A table the ledger does not record, and why."""

    why: str


TableClass = Governed | Evidence | Operational

_LIBRARY = "belongs to a library; holds no governed fact"
THIRD_PARTY: dict[str, TableClass] = {
    "account_emailaddress": Operational(_LIBRARY),
    "account_emailconfirmation": Operational(_LIBRARY),
    "auth_permission": Operational("written by migrate from the models"),
    "axes_accessattempt": Operational("sign-in limiter"),
    "axes_accessattemptexpiration": Operational("sign-in limiter"),
    "axes_accessfailurelog": Operational("sign-in limiter"),
    "axes_accesslog": Operational("sign-in limiter"),
    "django_admin_log": Operational("the ledger records what the admin does"),
    "django_content_type": Operational("written by migrate from the models"),
    "django_migrations": Operational("written by migrate; schema events record shapes"),
    "django_session": Operational("sessions"),
    "knox_authtoken": Operational(_LIBRARY),
    "procrastinate_events": Operational("job queue"),
    "procrastinate_jobs": Operational("job queue"),
    "procrastinate_periodic_defers": Operational("job queue"),
    "procrastinate_workers": Operational("job queue"),
}
OWN: dict[str, TableClass] = {
    "ledger_block": Operational("the ledger itself"),
    "ledger_denial": Evidence(),
    "ledger_event": Operational("the ledger itself"),
    "ledger_head": Operational("the ledger itself"),
    "ledger_link": Operational("the ledger itself"),
    "ledger_pending": Operational("the ledger itself"),
    "ledger_sealcheck": Operational("the ledger itself; written by migrations"),
}


def declared() -> dict[str, TableClass]:
    """Every declaration of every application. Raises ValueError when a table is declared twice."""
    found: dict[str, TableClass] = {}
    for source in (THIRD_PARTY, OWN, *_of_applications()):
        twice = found.keys() & source.keys()
        if twice:
            raise ValueError(f"declared twice: {sorted(twice)}")
        found |= source
    return found


def _of_applications() -> list[dict[str, TableClass]]:
    modules = [
        f"{config.name}.tables"
        for config in apps.get_app_configs()
        if config.name.startswith(("governance.", "inventory", "incidents")) and config.label != "ledger"
    ]
    return [importlib.import_module(name).TABLES for name in modules if find_spec(name)]


def recording(registry: Any, table: str, declaration: Governed | Evidence) -> Recording:
    """What the trigger function of `table` needs to know, with the scope path resolved through `registry`.

    `registry` is the application registry, or the historical one of a migration. Raises LookupError when the table
    has no model there.
    """
    model = next((m for m in registry.get_models(include_auto_created=True) if m._meta.db_table == table), None)
    if model is None:
        raise LookupError(f"no model has the table {table!r}")
    path = _system_path(model, declaration.scope, declaration.key)
    if isinstance(declaration, Evidence):
        return Recording(table, declaration.key, path)
    columns = {f.name: f.column for f in model._meta.get_fields() if getattr(f, "column", None)}
    names = {*declaration.secret, *declaration.volatile}
    return Recording(
        table,
        declaration.key,
        path,
        excluded=tuple(sorted(columns[name] for name in names)),
        personal=tuple(sorted(columns[name] for name in declaration.personal)),
        salt=columns.get("salt", ""),
        removable=declaration.removable,
    )


def _system_path(model: Any, scope: str | None, key: str) -> tuple[str, ...]:
    if scope is None:
        return ()
    if not scope:
        return (key,)
    path: list[str] = []
    for name in scope.split("__"):
        foreign_key = model._meta.get_field(name)
        path += [model._meta.db_table, foreign_key.column] if path else [foreign_key.column]
        model = foreign_key.related_model
    return tuple(path)
