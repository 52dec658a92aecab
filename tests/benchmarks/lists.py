"""What the list of systems costs at two sizes, for people who see all, some, little and nothing of it.

    SIZES=2000,100000 .venv/bin/python -m pytest -q -s tests/benchmarks/lists.py

Filled by SQL, as the owner with the ledger's triggers asleep; means of the rounds, in processor time of this process
and of its database session. For each person: list and search over HTTP, then the rows and count of the list alone
(rights included), both as the portal asks for them and by a plain filter; and, as figures that do not depend on the
machine's mood, statements, plan rows and database pages of the first rows. The gap report judges every system in sight
and is asked for those who see at most 2,000: `granted` sees 200 at either size, `hundredth` one in a hundred.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from statistics import mean
from time import process_time
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.rights import Sight
from governance.access.vocabulary import OrganisationRole
from governance.web.paging import _cursor, keyset_slice
from inventory import queries
from inventory.gap_report import report
from inventory.models import System
from tests.benchmarks.import_rate import backend, database_time
from tests.governance.access.people import join, person
from tests.inventory.scene import adopt_baseline

SIZES = [int(size) for size in os.environ.get("SIZES", "2000,100000").split(",")]
ROUNDS = int(os.environ.get("ROUNDS", "7"))
UNITS, TOPS = 400, 10
JUDGED = 2000  # systems in one gap report
ORDER = ("-updated_at", "-id")
Owner = psycopg.Connection[Any]

# The pages that hang on systems are of no interest here, only the systems, the units and who sees what.
FILL_UNITS = f"""
INSERT INTO inventory_unit (id, name, slug, parent_id) OVERRIDING SYSTEM VALUE
SELECT 900000 + i, 'Unit ' || i, 'bench-unit-' || i, CASE WHEN i > {TOPS} THEN 900000 + 1 + i %% {TOPS} END
FROM generate_series(1, {UNITS}) i;
INSERT INTO inventory_unitclosure (ancestor_id, descendant_id)
SELECT id, id FROM inventory_unit WHERE id > 900000
UNION ALL SELECT parent_id, id FROM inventory_unit WHERE id > 900000 AND parent_id IS NOT NULL;
""".replace("%%", "%")
FILL_SYSTEMS = f"""
INSERT INTO inventory_system ({{columns}})
SELECT {{values}} FROM (
    SELECT to_jsonb(y) || jsonb_build_object('slug', 'bench-' || i, 'name', 'System ' || md5(i::text),
        'purpose', 'Scores what is asked, ' || i || CASE WHEN i %% ({{size}} / 20) = 0 THEN ' quixotic' ELSE '' END,
        'unit_id', 900000 + 1 + {TOPS} + i %% ({UNITS} - {TOPS}),
        'updated_at', timestamptz '2026-01-01' + make_interval(secs => (i * 7919) %% 10000000)
            - interval '9 years' * (i %% ({UNITS} - {TOPS}) >= {UNITS} - {TOPS} - 60)::int) AS row
    FROM generate_series({{first}}, {{last}}) i, inventory_system y WHERE y.slug = 'template'
) made, jsonb_populate_record(NULL::inventory_system, made.row) r
""".replace("%%", "%")
GRANT = """
INSERT INTO inventory_assignment (person_id, role, {place}, since, reason)
SELECT {person}, '{role}', k.id, now() - interval '1 day', '' FROM ({keys}) k (id)
"""


@dataclass
class Measured:
    """What one person's list came to at one size."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    seen: int = 0
    rows: int = 0
    pages: int = 0


def fill(owner: Owner, first: int, last: int) -> None:
    """More systems, up to `last`."""
    fields = [field for field in System._meta.concrete_fields if not (field.generated or field.primary_key)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    owner.execute(
        "UPDATE inventory_system SET purpose = replace(purpose, ' quixotic', '') WHERE purpose LIKE '%quixotic'"
    )
    owner.execute(
        FILL_SYSTEMS.format(
            columns=columns, values=", ".join(f'r."{field.column}"' for field in fields), size=last, first=first + 1,
            last=last,
        )
    )  # fmt: skip
    owner.execute("VACUUM ANALYZE inventory_system")


def people() -> dict[str, User]:
    """Everybody who looks."""
    found = {
        name: person(name) for name in ("nobody", "stale", "few", "many", "reviewer", "granted", "hundredth", "both")
    }
    return {"all": join(person("all"), OrganisationRole.EXAMINER), **found}


def grant(owner: Owner, who: dict[str, User], size: int) -> None:
    """Roles on units (once), and single grants on what is there now."""

    def give(name: str, place: str, keys: str, role: str = "viewer") -> None:
        owner.execute(GRANT.format(person=who[name].pk, role=role, place=f"{place}_id", keys=keys))

    owner.execute("DELETE FROM inventory_assignment")
    leaves = f"SELECT 900000 + {TOPS} + i FROM generate_series(1, {{}}) i"
    spread = "SELECT id FROM inventory_system WHERE slug LIKE 'bench-%' AND id %% {} = 0 ORDER BY id LIMIT {}"
    spread = spread.replace("%%", "%")
    stale = f"SELECT i FROM generate_series({900000 + UNITS - 59}, {900000 + UNITS}) i"
    give("stale", "unit", stale)  # nobody has touched these systems for years
    give("few", "unit", leaves.format(3))
    give("many", "unit", leaves.format(60))
    give("reviewer", "unit", leaves.format(60), "validator")
    give("reviewer", "unit", leaves.format(30), "developer")
    give("granted", "system", spread.format(size // 200, 200))
    give("hundredth", "system", spread.format(100, size))
    give("both", "unit", leaves.format(60))
    give("both", "system", spread.format(size // 200, 200))
    owner.execute("ANALYZE inventory_assignment, inventory_unit, inventory_unitclosure, inventory_system")


def timed(work: Callable[[], object], session: int) -> float:
    """Milliseconds of processor time. The database's is told in hundredths of a second: only a mean says something."""
    started = process_time() + database_time(session)
    work()
    return (process_time() + database_time(session) - started) * 1000


def plain(who: User) -> None:
    """The first page by a plain filter."""
    keyset_slice(Sight(who).rows(queries.system_rows()), ORDER, size=50)


def sliced(who: User, after: str = "") -> None:
    """The first page as the portal asks for it, or one that follows a cursor."""
    keyset_slice(queries.system_rows(), ORDER, size=50, sight=Sight(who), after=after)


def search(who: User, words: str) -> None:
    """A search as the page makes it."""
    keyset_slice(queries.searched(Sight(who).rows(queries.system_rows()), words), ORDER, size=50)


def deep(who: User) -> str:
    """The cursor of the row a tenth down the list."""
    seen = Sight(who).rows(System.objects.order_by(*ORDER))
    depth = seen.count() // 10
    return _cursor(seen[depth], ORDER) if depth else ""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def planned(who: User) -> tuple[int, int]:
    """Rows all steps of the plans handled, and database pages they touched, for the first rows and their count."""
    sight, rows, pages = Sight(who), 0, 0
    with CaptureQueriesContext(connection) as asked:
        sight.first(queries.system_rows(), ORDER, 51)
        sight.count(queries.system_rows(), 1001)
    for query in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query["sql"].replace("%", "%%"), [])
            (plan,) = cursor.fetchone()
        top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        rows += sum(int(step["Actual Rows"] * step["Actual Loops"]) for step in nodes(top))
        pages += top["Shared Hit Blocks"] + top["Shared Read Blocks"]
    return rows, pages


def pages(who: User) -> dict[str, str]:
    """The pages this person opens, by what they are called in the table."""
    found = {"web page": "/systems/", "web search": "/systems/?q=quixotic"}
    if Sight(who).count(System.objects.all(), JUDGED + 1) <= JUDGED:
        found["web gaps"] = "/gaps/"
    return found


def judged(who: User) -> None:
    """The gap report without its page."""
    report(Sight(who).rows(System.objects.all()))


def measure(who: dict[str, User]) -> dict[str, Measured]:
    """Everything, by turns."""
    found = {name: Measured() for name in who}
    works: dict[str, dict[str, Callable[[], object]]] = {}
    for name, account in who.items():
        client, depth, opened = Client(), deep(account), pages(account)
        client.force_login(account)
        for page, address in opened.items():
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            found[name].statements[page] = len(asked)
        found[name].seen = Sight(account).count(System.objects.all(), 10**9)
        found[name].rows, found[name].pages = planned(account)
        works[name] = {
            **{page: partial(client.get, address) for page, address in opened.items()},
            "first page": partial(sliced, account),
            "plain filter": partial(plain, account),
            "a tenth down": partial(sliced, account, depth),
            "rare word": partial(search, account, "quixotic"),
            "common word": partial(search, account, "scores"),
            **({"gap report": partial(judged, account)} if "web gaps" in opened else {}),
        }
    session = backend()
    for _ in range(ROUNDS):
        for name, each in works.items():
            for what, work in each.items():
                found[name].taken.setdefault(what, []).append(timed(work, session))
    return found


@pytest.mark.django_db(transaction=True)
def test_lists(owner_connection: Owner) -> None:
    """Print the table."""
    adopt_baseline()
    who = people()
    for table in ("system", "unit", "unitclosure", "assignment"):
        owner_connection.execute(f"ALTER TABLE inventory_{table} DISABLE TRIGGER USER")
    owner_connection.execute(FILL_UNITS)
    owner_connection.execute(
        "INSERT INTO inventory_system (slug, name, unit_id, {}) SELECT 'template', 'Template', 900011, {}".format(
            *blanks()
        )
    )
    measured: dict[int, dict[str, Measured]] = {}
    for before, size in zip([0, *SIZES], SIZES, strict=False):
        fill(owner_connection, before, size)
        grant(owner_connection, who, size)
        measured[size] = measure(who)
    show(measured)


def blanks() -> tuple[str, str]:
    """The columns of a system that must hold something, and that something."""
    values: dict[str, str] = {}
    for column in System._meta.concrete_fields:
        name, kind = str(column.column), column.get_internal_type()
        if column.generated or column.primary_key or column.null or name in {"slug", "name", "unit_id"}:
            continue
        if kind == "DateTimeField":
            values[name] = "now()"
        elif kind == "JSONField":
            values[name] = "'[]'::jsonb" if column.default is list else "'{}'::jsonb"
        else:
            values[name] = f"'{column.get_default()}'"
    return ", ".join(values), ", ".join(values.values())


def show(measured: dict[int, dict[str, Measured]]) -> None:
    """Print milliseconds at the smallest and the largest size, their ratio, and what does not depend on the day."""
    small, large = min(measured), max(measured)
    print(f"\nmilliseconds at {small:,} and {large:,} systems, and their ratio; load {os.getloadavg()[0]:.1f}")  # noqa: T201
    for name, found in measured[large].items():
        few = measured[small][name]
        statements = ", ".join(f"{page} {few.statements.get(page)}/{each}" for page, each in found.statements.items())
        print(  # noqa: T201
            f"{name}: sees {few.seen:,} and {found.seen:,}, statements {statements}, plan rows {few.rows:,} and "
            f"{found.rows:,}, database pages {few.pages:,} and {found.pages:,}"
        )
        first = mean(found.taken["first page"])
        for what in [each for each in found.taken if each in few.taken]:
            at, of = mean(found.taken[what]), mean(few.taken[what])
            print(f"    {what:14}{of:9.1f}{at:9.1f}{at / (of or 0.01):7.1f}{at / first:9.1f} of the first page")  # noqa: T201
