"""A list walked page by page shows every row once, in order, there and back; its count is capped."""

from __future__ import annotations

import pytest

from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.web.paging import CAP, Slice, keyset_slice
from inventory import queries
from inventory.models import System
from inventory.views.systems import SystemList
from tests.inventory.scene import Scene

ROWS = 23


@pytest.fixture
def many(scene: Scene) -> list[System]:
    """Systems that share instants and names, so that only the last field of an order tells them apart."""
    now = portal_now()
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        return System.objects.bulk_create(
            System(slug=f"s-{n}", name=f"Name {n % 4}", unit=scene.cards, created_at=now, updated_at=now)
            for n in range(ROWS)
        )


@pytest.mark.parametrize("order", SystemList.orders)
def test_every_row_is_shown_once_in_order_there_and_back(many: list[System], order: str) -> None:
    terms = SystemList.orders[order]
    rows = queries.system_rows()
    whole = [row.pk for row in rows.order_by(*terms)]
    seen: list[list[int]] = []
    page = keyset_slice(rows, terms, size=7)
    while True:
        seen.append([row.pk for row in page.rows])
        if not page.after:
            break
        page = keyset_slice(rows, terms, size=7, after=page.after)
    assert [key for keys in seen for key in keys] == whole
    back = [seen[-1]]
    while page.before:
        page = keyset_slice(rows, terms, size=7, before=page.before)
        back.insert(0, [row.pk for row in page.rows])
    assert back == seen


def test_the_count_is_exact_up_to_the_cap_and_says_so_beyond() -> None:
    assert Slice(rows=[], after="", before="", count=CAP).count_text == "1000"
    assert Slice(rows=[], after="", before="", count=CAP + 1).count_text == "more than 1000"
