"""How a state column is held to the transition table of its machine."""

from __future__ import annotations

from collections.abc import Iterable

from governance.ledger.triggers import Trigger, function


def transitions_body(table: str, column: str, pairs: Iterable[tuple[str, str]], initial: Iterable[str]) -> str:
    """Body of the function that refuses a state change that is no row of the transition table."""
    known = ", ".join(f"('{source}', '{target}')" for source, target in sorted(pairs))
    first = ", ".join(f"'{state}'" for state in sorted(initial))
    start = (
        f"""
    IF TG_OP = 'INSERT' AND NEW."{column}" NOT IN ({first}) THEN
        RAISE EXCEPTION '{table} cannot begin as %', NEW."{column}"
            USING ERRCODE = '23514', CONSTRAINT = '{table}_{column}_begins', TABLE = '{table}';
    END IF;"""
        if first
        else ""
    )
    return f"""
BEGIN{start}
    IF TG_OP = 'UPDATE' AND (OLD."{column}", NEW."{column}") NOT IN ({known}) THEN
        RAISE EXCEPTION '{table} cannot go from % to %', OLD."{column}", NEW."{column}"
            USING ERRCODE = '23514', CONSTRAINT = '{table}_{column}_moves', TABLE = '{table}';
    END IF;
    RETURN NULL;
END """


def states_name(table: str, column: str) -> str:
    """Name of the function that holds the column to its machine."""
    return f"ledger_states_{table}_{column}"


def state_triggers(table: str, column: str, initial: Iterable[str]) -> list[Trigger]:
    """The triggers that call it."""
    name = states_name(table, column)
    moved = f'AFTER UPDATE ON {{table}} FOR EACH ROW WHEN (OLD."{column}" IS DISTINCT FROM NEW."{column}")'
    triggers = [Trigger(f"ledger_moves_{column}", table, moved, name)]
    if tuple(initial):
        triggers.append(Trigger(f"ledger_begins_{column}", table, "AFTER INSERT ON {table} FOR EACH ROW", name))
    return triggers


def transitions(table: str, column: str, pairs: Iterable[tuple[str, str]], initial: Iterable[str] = ()) -> str:
    """Statements that hold a state column to its machine."""
    first = sorted(initial)
    body = function(states_name(table, column), transitions_body(table, column, pairs, first))
    return body + "".join(trigger.sql() for trigger in state_triggers(table, column, first))
