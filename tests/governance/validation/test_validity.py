"""How long an approval counts is what the pack says, and the database computes the same end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole
from governance.ledger.acting import Command
from governance.policy.packs import shipped
from governance.policy.services import adopt_pack, load_pack, propose_pack
from tests.clocks import Clock
from tests.governance.access.people import join, person
from tests.governance.validation.scene import Scene

pytestmark = pytest.mark.django_db


def adopt(source: str, proposer: User) -> None:
    """Bring a pack into force by two people."""
    second = join(person("governor2"), OrganisationRole.GOVERNANCE)
    pack = load_pack(actor=Command("load_pack"), source=source)
    adopt_pack(actor=second, pack=propose_pack(actor=proposer, pack=pack))


@pytest.mark.parametrize("signed_at", ["2027-03-01T23:30:00Z", "2027-09-28T21:59:59Z", "2027-09-28T22:00:00Z"])
def test_an_approval_ends_with_the_last_day_where_the_organisation_is(
    scene: Scene, clock: Clock, signed_at: str
) -> None:
    source = shipped("baseline").replace('version: "2026.1"', 'version: "zoned"')
    line = "validity_days: {high: 180, medium: 365, low: 730}"
    assert line in source
    adopt(source.replace(line, line + "\n  time_zone: Europe/Berlin"), scene["governor"])
    clock.freeze(datetime.fromisoformat(signed_at))
    ends = scene.approved().valid_until
    assert ends is not None
    assert ends.astimezone(UTC).minute == 0
    assert ends - datetime.fromisoformat(signed_at) > timedelta(days=180) - timedelta(hours=1)
