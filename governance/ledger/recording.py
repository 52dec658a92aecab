"""How the changes of a table become events: the trigger functions of governed and evidence tables."""

from __future__ import annotations

from dataclasses import dataclass

from governance.ledger.triggers import Trigger, frozen, function, refuse

_WHO = (
    "actor_id", "actor_kind", "actor_name", "sponsor_id", "minter_id", "token_id",
    "door", "request_id", "verb", "reason",
)  # fmt: skip
_WHO_VALUES = """(acting->>'actor_id')::bigint, coalesce(acting->>'actor_kind', ''),
    coalesce(acting->>'actor_name', ''), (acting->>'sponsor_id')::bigint, (acting->>'minter_id')::bigint,
    acting->>'token_id', coalesce(acting->>'door', ''), coalesce(acting->>'request_id', ''),
    coalesce(acting->>'verb', ''), coalesce(acting->>'reason', '')"""
ACTING = "nullif(current_setting('ledger.acting', true), '')::jsonb"


@dataclass(frozen=True, slots=True)
class Recording:
    """What a trigger function needs to know of a table, in database names.

    `system_path` leads from the row to its system: columns and tables in turn (`release_id`, `inventory_release`,
    `system_id`); empty when the rows belong to no system. `personal` columns enter as digests keyed by `salt`.
    """

    table: str
    key: str
    system_path: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    salt: str = ""
    removable: bool = False


def system_expression(row: str, path: tuple[str, ...]) -> str:
    """The system a row belongs to, as nested look-ups by primary key."""
    if not path:
        return "NULL::bigint"
    expression = f'{row}."{path[0]}"'
    for table, column in zip(path[1::2], path[2::2], strict=True):
        expression = f'(SELECT t."{column}" FROM public.{table} t WHERE t.id = {expression})'
    return f"{expression}::bigint"


def image_expression(row: str, recording: Recording) -> str:
    """A row as the ledger keeps it: all columns but the excluded ones, personal ones as keyed digests."""
    image = f"to_jsonb({row})"
    if recording.excluded:
        image += " - ARRAY[{}]".format(", ".join(f"'{column}'" for column in sorted(recording.excluded)))
    if recording.personal:
        pairs = ", ".join(
            f"'{column}', 'keyed:' || encode(sha256(convert_to("
            f"""{row}."{recording.salt}"::text || ':{column}:' || {row}."{column}", 'UTF8')), 'hex')"""
            for column in sorted(recording.personal)
        )
        image = f"({image}) || jsonb_build_object({pairs})"
    return image


def _columns(*more: str) -> str:
    return ", ".join(("xid", "at", *_WHO, "table_name", *more))


_REQUIRE_ACTOR = """
    IF coalesce(acting->>'actor_name', '') = '' OR coalesce(acting->>'verb', '') = '' THEN
        RAISE EXCEPTION 'nobody is named as acting: {table} may only be written inside acting()'
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_actor', TABLE = '{table}';
    END IF;
    INSERT INTO public.ledger_pending (xid, armed) VALUES (pg_current_xact_id(), false) ON CONFLICT DO NOTHING;"""


def record_body(recording: Recording) -> str:
    """Body of the function that writes the events of a governed table."""
    table, key = recording.table, recording.key
    old, new = image_expression("r", recording), image_expression("r", recording)
    insert = f"INSERT INTO public.ledger_event ({_columns('key', 'system_id', 'op', 'before', 'after')})"
    fixed = f"pg_current_xact_id(), clock_timestamp(), {_WHO_VALUES}, '{table}'"
    system = system_expression("r", recording.system_path)
    delete = f"""
    ELSIF TG_OP = 'DELETE' THEN
        {insert}
        SELECT {fixed}, r."{key}"::text, {system}, 'D', {old}, NULL FROM old_rows r;"""
    return f"""
DECLARE
    acting jsonb := {ACTING};
    written bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        {insert}
        SELECT {fixed}, r."{key}"::text, {system}, 'I', NULL, {new} FROM new_rows r;
    ELSIF TG_OP = 'UPDATE' THEN
        {insert}
        SELECT {fixed}, n.key, n.system, 'U', o.image, n.image
        FROM (SELECT r."{key}"::text AS key, {system} AS system, {new} AS image FROM new_rows r OFFSET 0) n
        JOIN (SELECT r."{key}"::text AS key, {old} AS image FROM old_rows r OFFSET 0) o ON o.key = n.key
        WHERE n.image IS DISTINCT FROM o.image;{delete if recording.removable else ""}
    END IF;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written = 0 THEN
        RETURN NULL;
    END IF;{_REQUIRE_ACTOR.format(table=table)}
    RETURN NULL;
END """


def batch_body(recording: Recording) -> str:
    """Body of the function that writes one event with a digest for each batch of evidence rows."""
    table, key = recording.table, recording.key
    system = system_expression("r", recording.system_path)
    return f"""
DECLARE
    acting jsonb := {ACTING};
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows) THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.ledger_event ({_columns("key", "system_id", "op", "before", "after")})
    SELECT pg_current_xact_id(), clock_timestamp(), {_WHO_VALUES}, '{table}',
        min(b.key) || CASE WHEN count(*) > 1 THEN '-' || max(b.key) ELSE '' END,
        CASE WHEN count(*) = count(b.system) AND min(b.system) = max(b.system) THEN min(b.system) END, 'B', NULL,
        jsonb_build_object('rows', count(*), 'keys', range_agg(int8range(b.key, b.key, '[]'))::text,
            'sha256', encode(sha256(string_agg(convert_to(b.image, 'UTF8'), convert_to(chr(10), 'UTF8')
                ORDER BY b.key)), 'hex'))
    FROM (SELECT r."{key}" AS key, {system} AS system, ({image_expression("r", recording)})::text AS image
        FROM new_rows r OFFSET 0) b;{_REQUIRE_ACTOR.format(table=table)}
    RETURN NULL;
END """


def record_name(table: str) -> str:
    """Name of the function that records a governed table."""
    return f"ledger_record_{table}"


def batch_name(table: str) -> str:
    """Name of the function that records an evidence table."""
    return f"ledger_batch_{table}"


def governed_triggers(recording: Recording) -> list[Trigger]:
    """The triggers of a governed table."""
    table, key = recording.table, recording.key
    kept = "governed records are never deleted"
    rows = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows"}
    if recording.removable:
        rows["delete"] = "OLD TABLE AS old_rows"
    triggers = [
        Trigger(
            f"ledger_{event}",
            table,
            f"AFTER {event.upper()} ON {{table}} REFERENCING {tables} FOR EACH STATEMENT",
            record_name(table),
        )
        for event, tables in rows.items()
    ]
    if not recording.removable:
        triggers.append(
            refuse(table, "ledger_delete", "BEFORE DELETE ON {table} FOR EACH ROW", kept, "ledger_no_delete")
        )
    changed = f'BEFORE UPDATE ON {{table}} FOR EACH ROW WHEN (OLD."{key}" IS DISTINCT FROM NEW."{key}")'
    return [
        *triggers,
        refuse(table, "ledger_truncate", "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT", kept, "ledger_no_delete"),
        refuse(table, "ledger_key", changed, "primary keys never change", "ledger_key"),
    ]


def evidence_triggers(recording: Recording) -> list[Trigger]:
    """The triggers of an evidence table."""
    when = "AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT"
    table = recording.table
    return [Trigger("ledger_insert", table, when, batch_name(table)), *frozen(table)]


def govern(recording: Recording) -> str:
    """Statements for function and triggers of a governed table."""
    body = function(record_name(recording.table), record_body(recording), extra="SET enable_nestloop = off")
    return body + "".join(trigger.sql() for trigger in governed_triggers(recording))


def keep_evidence(recording: Recording) -> str:
    """Statements for an evidence table: append-only, one event with a digest for each batch."""
    body = function(batch_name(recording.table), batch_body(recording))
    return body + "".join(trigger.sql() for trigger in evidence_triggers(recording))
