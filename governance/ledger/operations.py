"""Migration operations that put tables under the ledger. Use them in hand-written migrations:

    dependencies = [("inventory", "0001_initial"), ("ledger", "0002_sealing")]
    operations = [
        Govern("inventory_release", scope="system"),
        Transitions("inventory_release", "state", RELEASE, initial=("draft",)),
        KeepEvidence("gate_check", scope="release__system"),
        SealCheck(
            "validation_signoff_independent",
            tables=("validation_signoff", "validation_contribution"),
            violation="SELECT FROM validation_signoff s JOIN validation_contribution c ON …",
            message="A person who had a hand in a release cannot sign it.",
        ),
    ]

and declare the same in the application's `tables.py`. The paths of `scope` are resolved in the migration's own
state, so a later change of the models does not change what an old migration renders. Running `Govern` again in a
later migration replaces function and triggers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from governance.ledger.recording import govern, keep_evidence
from governance.ledger.sealing import machinery, seal_check
from governance.ledger.states import transitions
from governance.ledger.tables import Evidence, Governed, recording
from governance.lifecycle import Machine


class LedgerOperation(Operation):
    """Base: changes nothing in the models' state, cannot be undone, renders SQL."""

    reduces_to_sql = True
    reversible = False

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Triggers are no part of the models."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Run what the operation renders."""
        schema_editor.execute(self.render(to_state.apps), params=None)

    def render(self, registry: Any) -> str:
        """The statements of this operation."""
        raise NotImplementedError


class Govern(LedgerOperation):
    """Record every row change of `table`; refuse deletion, truncation and changes of the primary key."""

    def __init__(
        self,
        table: str,
        *,
        scope: str | None = None,
        secret: Iterable[str] = (),
        volatile: Iterable[str] = (),
        personal: Iterable[str] = (),
        removable: bool = False,
        key: str = "id",
    ) -> None:
        """Take the arguments of the declaration `Governed`, frozen here."""
        self.table = table
        self.declaration = Governed(scope, tuple(secret), tuple(volatile), tuple(personal), removable, key)

    def render(self, registry: Any) -> str:
        """Function and triggers of the table."""
        return govern(recording(registry, self.table, self.declaration))

    def describe(self) -> str:
        """A line for `migrate --plan`."""
        return f"Put {self.table} under the ledger"


class KeepEvidence(LedgerOperation):
    """Make `table` append-only and write one event with a digest per batch."""

    def __init__(self, table: str, *, scope: str | None = None, key: str = "id") -> None:
        """Take the arguments of the declaration `Evidence`, frozen here."""
        self.table = table
        self.declaration = Evidence(scope, key)

    def render(self, registry: Any) -> str:
        """Function and triggers of the table."""
        return keep_evidence(recording(registry, self.table, self.declaration))

    def describe(self) -> str:
        """A line for `migrate --plan`."""
        return f"Keep {self.table} as evidence"


class Transitions(LedgerOperation):
    """Refuse a change of the state column that is no row of the machine's table.

    `machine` is the machine, or its (from, to) pairs to freeze them; a row may begin in the `initial` states only
    (none given: in any).
    """

    def __init__(
        self,
        table: str,
        column: str,
        machine: Machine[Any] | Iterable[tuple[str, str]],
        *,
        initial: Iterable[str] = (),
    ) -> None:
        """Render from the pairs the machine has now."""
        self.table = table
        self.column = column
        self.pairs = frozenset(machine.pairs() if isinstance(machine, Machine) else machine)
        self.initial = tuple(initial)

    def render(self, registry: Any) -> str:
        """Function and triggers of the column."""
        return transitions(self.table, self.column, self.pairs, self.initial)

    def describe(self) -> str:
        """A line for `migrate --plan`."""
        return f"Hold {self.table}.{self.column} to its lifecycle"


class SealCheck(LedgerOperation):
    """A rule over several rows, judged when a transaction is sealed, after the head lock.

    `violation` is a query; if it returns a row the transaction is refused with a check violation (23514) of
    constraint `name`: register what people read with `acting.explain(name, …)`. The query sees everything committed
    before this transaction plus its own writes, and the events being sealed as
    `touched(table_name, key, op, before, after, actor_id)`. It runs when an event of one of `tables` is sealed; for a
    table named in `columns` only when an update changes one of these. Everybody else's commit waits while it runs:
    name columns wherever only they can break the rule. Give it again in a later migration to replace it.
    """

    def __init__(
        self,
        name: str,
        *,
        tables: Iterable[str],
        violation: str,
        message: str,
        columns: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        """Name the constraint, the tables and columns that wake the check, the query and its message."""
        self.name = name
        self.tables = tuple(tables)
        self.columns = {table: tuple(names) for table, names in (columns or {}).items()}
        self.violation = violation
        self.message = message

    def render(self, registry: Any) -> str:
        """Function and registration of the check."""
        return seal_check(self.name, self.tables, self.violation, self.message, self.columns)

    def describe(self) -> str:
        """A line for `migrate --plan`."""
        return f"Check {self.name} when a transaction is sealed"


class Machinery(LedgerOperation):
    """Create or replace the ledger's own functions and triggers."""

    def render(self, registry: Any) -> str:
        """Sealing, refusals, denials, frozen tables, the first head."""
        return machinery()

    def describe(self) -> str:
        """A line for `migrate --plan`."""
        return "Create the ledger's machinery"
