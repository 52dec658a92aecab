"""Showing that a refused call changed nothing: a digest over everything governed, and over what would go out later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core import mail
from django.db import connection

from governance.ledger.models import Denial
from governance.ledger.tables import Governed, declared

LATER = ("procrastinate_jobs", "notify_notice", "notify_delivery")


def digest() -> dict[str, str]:
    """For each governed table, and for the queue and the outboxes, what stands in it."""
    found = {"mail": str(len(mail.outbox)) if hasattr(mail, "outbox") else "0"}
    with connection.cursor() as cursor:
        for table in (*(name for name, kind in sorted(declared().items()) if isinstance(kind, Governed)), *LATER):
            volatile = getattr(declared()[table], "volatile", ())
            row = f"to_jsonb(t) - ARRAY[{', '.join(map(repr, volatile))}]::text[]"
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(({row})::text, '|' ORDER BY ({row})::text), '')) FROM {table} t"
            )
            found[table] = str(cursor.fetchone()[0])
    return found


@contextmanager
def nothing_changed(*, denied: str = "", times: int = 1) -> Iterator[None]:
    """What happens inside leaves everything as it was, but for Denials with the code `denied`; without it, none."""
    before, known = digest(), set(Denial.objects.values_list("pk", flat=True))
    yield
    after = digest()
    assert [name for name in before if before[name] != after[name]] == []
    codes = list(Denial.objects.exclude(pk__in=known).values_list("code", flat=True))
    assert codes == [denied] * (times if denied else 0)
