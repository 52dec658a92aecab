"""The SQL of the ledger: every function and trigger as text, rendered by migrations and compared by tests.

All functions are the owner's, SECURITY DEFINER, with pinned settings, and cannot be attached by another role. All
triggers are ENABLE ALWAYS. No function reads a setting to stand aside: the one setting they read says who acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EVENT_FIELDS = (
    "id", "xid", "at", "actor_id", "actor_kind", "actor_name", "sponsor_id", "minter_id", "token_id", "door",
    "request_id", "verb", "reason", "table_name", "key", "system_id", "op", "before", "after",
)  # fmt: skip
OWN_TABLES = ("event", "block", "link", "head", "pending", "denial", "sealcheck")
EVENT_TAG = "countersign event 1"
BLOCK_TAG = "countersign block 1"
GENESIS = b"\0" * 32

PINNED = """SET search_path = pg_catalog, pg_temp
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
SET standard_conforming_strings = on"""

_WHO = (
    "actor_id", "actor_kind", "actor_name", "sponsor_id", "minter_id", "token_id",
    "door", "request_id", "verb", "reason",
)  # fmt: skip
_WHO_VALUES = """(acting->>'actor_id')::bigint, coalesce(acting->>'actor_kind', ''),
    coalesce(acting->>'actor_name', ''), (acting->>'sponsor_id')::bigint, (acting->>'minter_id')::bigint,
    acting->>'token_id', coalesce(acting->>'door', ''), coalesce(acting->>'request_id', ''),
    coalesce(acting->>'verb', ''), coalesce(acting->>'reason', '')"""
_ACTING = "nullif(current_setting('ledger.acting', true), '')::jsonb"


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


def function(name: str, body: str, *, returns: str = "trigger", arguments: str = "", extra: str = "") -> str:
    """Statements that create the owner's function `name` and keep every other role from calling or attaching it."""
    settings = f"{PINNED}\n{extra}".rstrip()
    return (
        f"CREATE OR REPLACE FUNCTION public.{name}({arguments}) RETURNS {returns}\n"
        f"LANGUAGE plpgsql SECURITY DEFINER\n{settings}\nAS $ledger${body}$ledger$;\n"
        f"REVOKE ALL ON FUNCTION public.{name}({arguments}) FROM PUBLIC;\n"
        f"""DO $ledger$ DECLARE other text; BEGIN
    FOR other IN SELECT DISTINCT a.grantee::regrole::text FROM pg_proc p, aclexplode(p.proacl) a
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname = '{name}' AND a.grantee NOT IN (0, p.proowner)
    LOOP
        EXECUTE 'REVOKE ALL ON FUNCTION public.{name}({arguments}) FROM ' || other;
    END LOOP;
END $ledger$;
"""
    )


def read_only(table: str) -> str:
    """Statements that leave every role but the owner the right to read `table`, and nothing else."""
    return f"""REVOKE ALL ON TABLE public.{table} FROM PUBLIC;
DO $ledger$ DECLARE other text; BEGIN
    FOR other IN SELECT DISTINCT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname = '{table}' AND a.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE 'REVOKE ALL ON TABLE public.{table} FROM ' || other;
        EXECUTE 'GRANT SELECT ON TABLE public.{table} TO ' || other;
    END LOOP;
END $ledger$;
"""


def trigger(name: str, table: str, when: str, execute: str, *, constraint: bool = False) -> str:
    """Statements that (re)create an always enabled trigger."""
    head = f"CREATE {'CONSTRAINT ' if constraint else ''}TRIGGER {name}"
    return (
        f"DROP TRIGGER IF EXISTS {name} ON public.{table};\n"
        f"{head} {when.format(table=f'public.{table}')} EXECUTE FUNCTION public.{execute};\n"
        f"ALTER TABLE public.{table} ENABLE ALWAYS TRIGGER {name};\n"
    )


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
    acting jsonb := {_ACTING};
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
    acting jsonb := {_ACTING};
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


REFUSE_BODY = """
BEGIN
    RAISE EXCEPTION '% on % is refused: %', lower(TG_OP), TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = '23514', CONSTRAINT = TG_ARGV[1], TABLE = TG_TABLE_NAME;
END """

ARM_BODY = """
BEGIN
    UPDATE public.ledger_pending SET armed = true WHERE xid = NEW.xid;
    RETURN NULL;
END """


def _part(field: str) -> str:
    """One length-prefixed field; an absent one has the length -1."""
    return f"CASE WHEN {field} IS NULL THEN int4send(-1) ELSE int4send(octet_length({field})) || {field} END"


def _digest(tag: str, fields: Iterable[str]) -> str:
    parts = " || ".join([f"convert_to('{tag}', 'UTF8')", *(_part(field) for field in fields)])
    return f"sha256({parts})"


def seal_body() -> str:
    """Body of the second stage: head lock, separation checks, block."""
    texts = ", ".join(f"convert_to(e.{field}::text, 'UTF8') AS f_{field}" for field in EVENT_FIELDS)
    event = _digest(EVENT_TAG, (f"f.f_{field}" for field in EVENT_FIELDS))
    block = _digest(BLOCK_TAG, ("b.height", "b.xid", "b.at", "b.n", "b.prev", "b.root"))
    return f"""
DECLARE
    head public.ledger_head;
    separation text;
    moment timestamptz;
    sealed bigint;
    root bytea;
    fresh bytea;
BEGIN
    SELECT * INTO STRICT head FROM public.ledger_head WHERE id = 1 FOR UPDATE;
    FOR separation IN
        SELECT c.name FROM public.ledger_sealcheck c
        WHERE EXISTS (SELECT FROM public.ledger_event e WHERE e.xid = NEW.xid AND c.tables ? e.table_name
            AND NOT EXISTS (SELECT FROM public.ledger_link l WHERE l.event_id = e.id))
        ORDER BY c.name
    LOOP
        EXECUTE format('SELECT public.%I($1)', 'ledger_check_' || separation) USING NEW.xid;
    END LOOP;
    moment := greatest(clock_timestamp(), head.at);
    WITH fields AS (
        SELECT e.id, {texts} FROM public.ledger_event e
        WHERE e.xid = NEW.xid AND NOT EXISTS (SELECT FROM public.ledger_link l WHERE l.event_id = e.id) OFFSET 0
    ), links AS (
        INSERT INTO public.ledger_link (event_id, block_id, digest)
        SELECT f.id, head.height + 1, {event} FROM fields f RETURNING event_id, digest
    )
    SELECT count(*), sha256(string_agg(digest, convert_to('', 'UTF8') ORDER BY event_id)) INTO sealed, root FROM links;
    IF sealed > 0 THEN
        SELECT {block} INTO fresh FROM (SELECT convert_to((head.height + 1)::text, 'UTF8') AS height,
            convert_to(NEW.xid::text, 'UTF8') AS xid, convert_to(moment::text, 'UTF8') AS at,
            convert_to(sealed::text, 'UTF8') AS n, head.hash AS prev, root AS root) b;
        INSERT INTO public.ledger_block (height, xid, at, n, prev, hash)
        VALUES (head.height + 1, NEW.xid, moment, sealed, head.hash, fresh);
        UPDATE public.ledger_head SET height = head.height + 1, at = moment, hash = fresh WHERE id = 1;
    END IF;
    DELETE FROM public.ledger_pending WHERE xid = NEW.xid;
    RETURN NULL;
END """


HEAD_BODY = """
BEGIN
    IF NEW.id <> OLD.id OR NEW.height <> OLD.height + 1
        OR NOT EXISTS (SELECT FROM public.ledger_block b WHERE b.height = NEW.height AND b.hash = NEW.hash
            AND b.prev = OLD.hash) THEN
        RAISE EXCEPTION 'the head moves by one sealed block only'
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_append_only', TABLE = 'ledger_head';
    END IF;
    RETURN NEW;
END """

DENY_BODY = f"""
DECLARE
    acting jsonb := {_ACTING};
BEGIN
    INSERT INTO public.ledger_denial (at, actor_id, actor_kind, actor_name, token_id, door, request_id, verb, reason,
        kind, code, reasons)
    VALUES (clock_timestamp(), (acting->>'actor_id')::bigint, coalesce(acting->>'actor_kind', ''),
        coalesce(acting->>'actor_name', ''), acting->>'token_id', coalesce(acting->>'door', ''),
        coalesce(acting->>'request_id', ''), coalesce(acting->>'verb', ''), coalesce(acting->>'reason', ''),
        kind, code, reasons);
END """


def refuse(table: str, name: str, when: str, why: str, constraint: str) -> str:
    """Statements for a trigger that refuses an operation outright."""
    return trigger(name, table, when, f"ledger_refuse('{why}', '{constraint}')")


def frozen(table: str, *, updates: bool = False) -> str:
    """Triggers that keep a table append-only, for its owner too."""
    events = "DELETE" if updates else "UPDATE OR DELETE"
    why = "the ledger is append-only"
    return refuse(
        table, "ledger_frozen", f"BEFORE {events} ON {{table}} FOR EACH ROW", why, "ledger_append_only"
    ) + refuse(table, "ledger_truncate", "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT", why, "ledger_append_only")


def machinery() -> str:
    """Everything the ledger needs once: sealing, refusals, denials, frozen tables, the first head."""
    deferred = "ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    denials = Recording("ledger_denial", "id")
    arguments = "kind text, code text, reasons jsonb"
    return "".join(
        (
            function("ledger_refuse", REFUSE_BODY),
            function("ledger_arm", ARM_BODY),
            function("ledger_seal", seal_body()),
            function("ledger_move_head", HEAD_BODY),
            function("ledger_deny", DENY_BODY, returns="void", arguments=arguments),
            f"GRANT EXECUTE ON FUNCTION public.ledger_deny({arguments}) TO PUBLIC;\n",
            trigger("ledger_arm", "ledger_pending", f"AFTER INSERT {deferred}", "ledger_arm()", constraint=True),
            trigger("ledger_seal", "ledger_pending", f"AFTER UPDATE {deferred}", "ledger_seal()", constraint=True),
            trigger("ledger_move_head", "ledger_head", "BEFORE UPDATE ON {table} FOR EACH ROW", "ledger_move_head()"),
            *(frozen(table) for table in ("ledger_event", "ledger_block", "ledger_link")),
            frozen("ledger_head", updates=True),
            keep_evidence(denials),
            *(read_only(f"ledger_{table}") for table in OWN_TABLES),
            "INSERT INTO public.ledger_head (id, height, at, hash) "
            f"VALUES (1, 0, clock_timestamp(), decode('{GENESIS.hex()}', 'hex')) ON CONFLICT DO NOTHING;\n",
        )
    )  # fmt: skip


def govern(recording: Recording) -> str:
    """Function and triggers of a governed table."""
    table, name = recording.table, f"ledger_record_{recording.table}"
    rows = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows"}
    if recording.removable:
        rows["delete"] = "OLD TABLE AS old_rows"
    statements = [function(name, record_body(recording), extra="SET enable_nestloop = off")]
    statements += [
        trigger(
            f"ledger_{event}",
            table,
            f"AFTER {event.upper()} ON {{table}} REFERENCING {tables} FOR EACH STATEMENT",
            f"{name}()",
        )
        for event, tables in rows.items()
    ]
    if not recording.removable:
        why = "governed records are never deleted"
        statements.append(
            refuse(table, "ledger_delete", "BEFORE DELETE ON {table} FOR EACH ROW", why, "ledger_no_delete")
        )
    statements.append(
        refuse(
            table, "ledger_truncate", "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
            "governed records are never deleted", "ledger_no_delete",
        )
    )  # fmt: skip
    changed = (
        f'BEFORE UPDATE ON {{table}} FOR EACH ROW WHEN (OLD."{recording.key}" IS DISTINCT FROM NEW."{recording.key}")'
    )
    statements.append(refuse(table, "ledger_key", changed, "primary keys never change", "ledger_key"))
    return "".join(statements)


def keep_evidence(recording: Recording) -> str:
    """Function and triggers of an evidence table: append-only, one event with a digest for each batch."""
    table, name = recording.table, f"ledger_batch_{recording.table}"
    return (
        function(name, batch_body(recording))
        + trigger(
            "ledger_insert",
            table,
            "AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT",
            f"{name}()",
        )
        + frozen(table)
    )


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


def transitions(table: str, column: str, pairs: Iterable[tuple[str, str]], initial: Iterable[str] = ()) -> str:
    """Function and triggers that hold a state column to its machine."""
    name = f"ledger_states_{table}_{column}"
    first = sorted(initial)
    statements = function(name, transitions_body(table, column, pairs, first)) + trigger(
        f"ledger_moves_{column}",
        table,
        f'AFTER UPDATE ON {{table}} FOR EACH ROW WHEN (OLD."{column}" IS DISTINCT FROM NEW."{column}")',
        f"{name}()",
    )
    if first:
        statements += trigger(f"ledger_begins_{column}", table, "AFTER INSERT ON {table} FOR EACH ROW", f"{name}()")
    return statements


def check_body(name: str, violation: str, message: str) -> str:
    """Body of a separation check: `violation` is a query over `touched`; a row it returns refuses the transaction."""
    text = message.replace("'", "''")
    return f"""
BEGIN
    IF EXISTS (
        WITH touched AS (
            SELECT e.table_name, e.key, e.op, e.before, e.after, e.actor_id FROM public.ledger_event e
            WHERE e.xid = tx AND NOT EXISTS (SELECT FROM public.ledger_link l WHERE l.event_id = e.id)
        )
        {violation}
    ) THEN
        RAISE EXCEPTION USING MESSAGE = '{text}', ERRCODE = '23514', CONSTRAINT = '{name}';
    END IF;
END """


def seal_check(name: str, tables: Iterable[str], violation: str, message: str) -> str:
    """Function and registration of a separation check."""
    listed = ", ".join(f"'{table}'" for table in sorted(tables))
    return (
        function(
            f"ledger_check_{name}",
            check_body(name, violation, message),
            returns="void",
            arguments="tx xid8",
            extra="SET search_path = pg_catalog, public, pg_temp",
        )
        + f"INSERT INTO public.ledger_sealcheck (name, tables) VALUES ('{name}', jsonb_build_array({listed})) "
        "ON CONFLICT (name) DO UPDATE SET tables = EXCLUDED.tables;\n"
    )
