"""How events become blocks: the two-stage seal, separation checks, denials, and the frozen tables of the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from governance.ledger.recording import ACTING, Recording, keep_evidence
from governance.ledger.triggers import REFUSE_BODY, Trigger, frozen, function, read_only

EVENT_FIELDS = (
    "id", "xid", "at", "actor_id", "actor_kind", "actor_name", "sponsor_id", "minter_id", "token_id", "door",
    "request_id", "verb", "reason", "table_name", "key", "system_id", "op", "before", "after",
)  # fmt: skip
OWN_TABLES = ("event", "block", "link", "head", "pending", "denial", "sealcheck")
EVENT_TAG = "countersign event 1"
BLOCK_TAG = "countersign block 1"
GENESIS = b"\0" * 32


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
    """Body of the second stage: what this transaction alone decides, then head lock, separation checks, block.

    Other transactions wait while the head is locked, so all that depends on the events only is done before: their
    digests, and which checks they wake. No other transaction can add an event under this one's number.

    Once a transaction has sealed it holds the head, so the head's block is its own: only then can some of its events
    be in a block already, and only then each is looked up. Digests are worked out before events are put in order
    (OFFSET 0 keeps the planner from sorting whole images).
    """
    texts = ", ".join(f"convert_to(e.{field}::text, 'UTF8') AS f_{field}" for field in EVENT_FIELDS)
    event = _digest(EVENT_TAG, (f"f.f_{field}" for field in EVENT_FIELDS))
    block = _digest(BLOCK_TAG, ("height", "number", "at", "n", "head.hash", "root"))
    return f"""
DECLARE
    keys bigint[];
    digests bytea[];
    touched text[];
    woken text[];
    separation text;
    head public.ledger_head;
    moment timestamptz;
    height bytea;
    number bytea := convert_to(NEW.xid::text, 'UTF8');
    at bytea;
    n bytea;
    root bytea;
    fresh bytea;
    again boolean;
BEGIN
    again := EXISTS (SELECT FROM public.ledger_head h JOIN public.ledger_block b ON b.height = h.height
        WHERE b.xid = NEW.xid);
    SELECT array_agg(d.id ORDER BY d.id), array_agg(d.digest ORDER BY d.id),
        sha256(string_agg(d.digest, convert_to('', 'UTF8') ORDER BY d.id)),
        array_agg(DISTINCT d.table_name) FILTER (WHERE d.op IN ('I', 'U', 'D')), convert_to(count(*)::text, 'UTF8')
    INTO keys, digests, root, touched, n
    FROM (SELECT f.id, f.table_name, f.op, {event} AS digest
        FROM (SELECT e.id, e.table_name, e.op, {texts} FROM public.ledger_event e
            WHERE e.xid = NEW.xid AND (NOT again
                OR NOT EXISTS (SELECT FROM public.ledger_link l WHERE l.event_id = e.id OFFSET 0)) OFFSET 0) f
        OFFSET 0) d;
    DELETE FROM public.ledger_pending WHERE xid = NEW.xid;
    IF keys IS NULL THEN
        RETURN NULL;
    END IF;
    IF touched IS NOT NULL THEN
        SELECT array_agg(c.name ORDER BY c.name) INTO woken FROM public.ledger_sealcheck c
        WHERE c.tables ?| touched AND (jsonb_typeof(c.tables) <> 'object' OR EXISTS (
            SELECT FROM public.ledger_event e
            WHERE e.xid = NEW.xid AND c.tables ? e.table_name AND e.op IN ('I', 'U', 'D')
                AND (jsonb_typeof(c.tables->e.table_name) = 'null' OR (e.op = 'U' AND EXISTS (
                    SELECT FROM jsonb_array_elements_text(c.tables->e.table_name) k (name)
                    WHERE e.before->k.name IS DISTINCT FROM e.after->k.name)))));
    END IF;
    SELECT * INTO STRICT head FROM public.ledger_head WHERE id = 1 FOR UPDATE;
    FOREACH separation IN ARRAY coalesce(woken, ARRAY[]::text[]) LOOP
        EXECUTE format('SELECT public.%I($1)', 'ledger_check_' || separation) USING NEW.xid;
    END LOOP;
    moment := greatest(clock_timestamp(), head.at);
    height := convert_to((head.height + 1)::text, 'UTF8');
    at := convert_to(moment::text, 'UTF8');
    fresh := {block};
    INSERT INTO public.ledger_link (event_id, block_id, digest)
    SELECT u.id, head.height + 1, u.digest FROM unnest(keys, digests) u (id, digest);
    INSERT INTO public.ledger_block (height, xid, at, n, prev, hash)
    VALUES (head.height + 1, NEW.xid, moment, cardinality(keys), head.hash, fresh);
    UPDATE public.ledger_head h SET height = head.height + 1, at = moment, hash = fresh WHERE h.id = 1;
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
    acting jsonb := {ACTING};
BEGIN
    INSERT INTO public.ledger_denial (at, actor_id, actor_kind, actor_name, token_id, door, request_id, verb, reason,
        kind, code, reasons)
    VALUES (clock_timestamp(), (acting->>'actor_id')::bigint, coalesce(acting->>'actor_kind', ''),
        coalesce(acting->>'actor_name', ''), acting->>'token_id', coalesce(acting->>'door', ''),
        coalesce(acting->>'request_id', ''), coalesce(acting->>'verb', ''), coalesce(acting->>'reason', ''),
        kind, code, reasons);
END """


def machinery_triggers() -> list[Trigger]:
    """The triggers of the ledger's own tables, those of its evidence (denials) excepted."""
    deferred = "ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    return [
        Trigger("ledger_arm", "ledger_pending", f"AFTER INSERT {deferred}", "ledger_arm", constraint=True),
        Trigger("ledger_seal", "ledger_pending", f"AFTER UPDATE {deferred}", "ledger_seal", constraint=True),
        Trigger("ledger_move_head", "ledger_head", "BEFORE UPDATE ON {table} FOR EACH ROW", "ledger_move_head"),
        *(trigger for table in ("event", "block", "link") for trigger in frozen(f"ledger_{table}")),
        *frozen("ledger_head", updates=True),
    ]


BODIES = {
    "ledger_refuse": REFUSE_BODY,
    "ledger_arm": ARM_BODY,
    "ledger_seal": seal_body(),
    "ledger_move_head": HEAD_BODY,
    "ledger_deny": DENY_BODY,
}


def machinery() -> str:
    """Everything the ledger needs once: sealing, refusals, denials, frozen tables, the first head."""
    arguments = "kind text, code text, reasons jsonb"
    functions = [function(name, body) for name, body in BODIES.items() if name != "ledger_deny"]
    return "".join(
        (
            *functions,
            function("ledger_deny", DENY_BODY, returns="void", arguments=arguments),
            f"GRANT EXECUTE ON FUNCTION public.ledger_deny({arguments}) TO PUBLIC;\n",
            *(trigger.sql() for trigger in machinery_triggers()),
            keep_evidence(Recording("ledger_denial", "id")),
            *(read_only(f"ledger_{table}") for table in OWN_TABLES),
            "INSERT INTO public.ledger_head (id, height, at, hash) "
            f"VALUES (1, 0, clock_timestamp(), decode('{GENESIS.hex()}', 'hex')) ON CONFLICT DO NOTHING;\n",
        )
    )


def check_name(name: str) -> str:
    """Name of the function of a separation check."""
    return f"ledger_check_{name}"


def check_body(name: str, violation: str, message: str) -> str:
    """Body of a separation check: `violation` is a query over `touched`; a row it returns refuses the transaction."""
    text = message.replace("'", "''")
    return f"""
BEGIN
    IF EXISTS (
        WITH touched AS (
            SELECT e.table_name, e.key, e.op, e.before, e.after, e.actor_id FROM public.ledger_event e
            WHERE e.xid = tx AND e.op IN ('I', 'U', 'D')
                AND NOT EXISTS (SELECT FROM public.ledger_link l WHERE l.event_id = e.id)
        )
        SELECT FROM (
        {violation}
        ) AS violation
    ) THEN
        RAISE EXCEPTION USING MESSAGE = '{text}', ERRCODE = '23514', CONSTRAINT = '{name}';
    END IF;
END """


def seal_check(
    name: str, tables: Iterable[str], violation: str, message: str, columns: Mapping[str, Iterable[str]] | None = None
) -> str:
    """Function and registration of a separation check.

    What wakes it is registered as a list of tables or, where only updates of some `columns` do for one of them, as an
    object: table to its columns, or to null for any change.
    """
    wakes: object = sorted(tables)
    if columns:
        wakes = {table: sorted(columns[table]) if table in columns else None for table in sorted(tables)}
    return (
        function(
            check_name(name),
            check_body(name, violation, message),
            returns="void",
            arguments="tx xid8",
            extra="SET search_path = pg_catalog, public, pg_temp",
        )
        + f"INSERT INTO public.ledger_sealcheck (name, tables) VALUES ('{name}', '{json.dumps(wakes)}') "
        "ON CONFLICT (name) DO UPDATE SET tables = EXCLUDED.tables;\n"
    )
