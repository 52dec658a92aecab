"""List pages cost the same number of statements for 10 and for 200 rows; the numbers are kept in a file.

COUNT=write writes the file anew; look at the difference before keeping it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.validation.models import Finding
from inventory.models import (
    Artifact,
    Asset,
    AssetVersion,
    Assignment,
    Dependency,
    Deployment,
    Document,
    DocumentRevision,
    FailureMode,
    LegacyApproval,
    LoweredTier,
    Release,
    Risk,
    System,
)
from inventory.services import create_release
from inventory.services.assets import create_asset
from tests.governance.access.people import appoint, unit
from tests.inventory.scene import SHA, Scene, adopt_baseline

BASELINE = Path(__file__).resolve().parents[2] / "query_counts.json"
PAGES = {
    "my work": "/",
    "systems": "/systems/",
    "systems, searched and filtered": "/systems/?q=many&unit=bank&order=name",
    "systems, exported": "/systems/export/",
    "system, releases": "/systems/scorer/",
    "system, people": "/systems/scorer/?tab=people",
    "system, documents": "/systems/scorer/?tab=documents",
    "system, dependencies": "/systems/scorer/?tab=dependencies",
    "system, risks": "/systems/scorer/?tab=risks",
    "failure modes": "/systems/scorer/failure-modes/",
    "risks": "/risks/",
    "findings": "/findings/?state=every",
    "what runs": "/deployments/",
    "legacy approvals": "/legacy-approvals/?state=all",
    "lowered tiers": "/lowered-tiers/?state=all",
    "assets": "/assets/",
    "asset": "/assets/counted/",
    "asset, blast radius": "/assets/counted/blast-radius/",
    "system, timeline": "/systems/scorer/?tab=ledger",
    "release": "/releases/{release}/",
    "document, revisions": "/systems/scorer/documents/model-card/",
    "units": "/units/",
    "ledger": "/ledger/",
}


def grow(scene: Scene, start: int, end: int) -> None:
    """More of everything a list shows."""
    now = portal_now()
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        systems = [
            System(slug=f"many-{n}", name=f"Many {n}", unit=scene.cards, created_at=now, updated_at=now)
            for n in range(start, end)
        ]
        System.objects.bulk_create(systems)
        people = [User(username=f"p{n}", name=f"Person {n}", email=f"p{n}@example.com") for n in range(start, end)]
        User.objects.bulk_create(people)
        owners = [Assignment(person=scene.owner, role=Role.OWNER, system=system, since=now) for system in systems]
        viewers = [Assignment(person=person, role=Role.VIEWER, system=scene.scorer, since=now) for person in people]
        Assignment.objects.bulk_create([*owners, *viewers])
        drafts = [
            Release(system=scene.scorer, version=f"v{n}", created_by=scene.owner, created_at=now, updated_at=now)
            for n in range(start, end)
        ]
        Release.objects.bulk_create(drafts)
        for n in range(start, end):
            unit(f"part-{n}", scene.cards)
        first = Release.objects.get(version="counted")
        Artifact.objects.bulk_create(
            Artifact(release=first, name=f"file {n}", kind="model", sha256=SHA) for n in range(start, end)
        )
        counted_asset = Asset.objects.get(slug="counted")
        assets = Asset.objects.bulk_create(
            Asset(slug=f"asset-{n}", name=f"Asset {n}", kind="dataset", unit=scene.cards, state_at=now, created_at=now,
                  updated_at=now)
            for n in range(start, end)
        )  # fmt: skip
        AssetVersion.objects.bulk_create(
            AssetVersion(asset=asset, version=f"{n}", created_at=now)
            for n, asset in enumerate([*assets, *[counted_asset] * (end - start)], start)
        )
        Dependency.objects.bulk_create(
            [
                *(Dependency(system=scene.scorer, on_asset=a, relation="uses", created_at=now) for a in assets),
                *(Dependency(asset=counted_asset, on_asset=a, relation="uses", created_at=now) for a in assets),
                *(Dependency(system=s, on_asset=counted_asset, relation="uses", created_at=now) for s in systems),
                *(Dependency(system=s, on_system=scene.scorer, relation="calls", created_at=now) for s in systems),
            ]
        )
        Risk.objects.bulk_create(
            Risk(system=scene.scorer, title=f"Risk {n}", area="people", owner=scene.owner, due=now,
                 created_by=scene.owner, created_at=now, updated_at=now)
            for n in range(start, end)
        )  # fmt: skip
        Finding.objects.bulk_create(
            Finding(release=first, title=f"Finding {n}", text="It is so.", severity="low", category="data",
                    blocking=False, raised_by=scene.owner, raised_at=now)
            for n in range(start, end)
        )  # fmt: skip
        FailureMode.objects.bulk_create(
            FailureMode(system=scene.scorer, what=f"Way {n}", who="All", when="Always", how="Watched",
                        created_by=scene.owner, created_at=now)
            for n in range(start, end)
        )  # fmt: skip
        document, _ = Document.objects.get_or_create(
            system=scene.scorer, template="model-card", defaults={"title": "Model card", "created_at": now}
        )
        DocumentRevision.objects.bulk_create(
            DocumentRevision(document=document, number=n + 1, sections={"a": "b"}, author=scene.owner, contact="c",
                             created_at=now)
            for n in range(start, end)
        )  # fmt: skip
    with acting(scene.owner, door=Door.COMMAND, verb="deployment.report"):
        Deployment.objects.bulk_create(
            Deployment(system=s, environment="production", at=now, since=now, reported_by=scene.owner, source="ci",
                       sha256=[SHA])
            for s in systems
        )  # fmt: skip
    with acting(scene.owner, door=Door.COMMAND, verb="legacy_approval.bring_in"):
        LegacyApproval.objects.bulk_create(
            LegacyApproval(system=s, version="1", approved_on=portal_now().date(), approved_by="x", reference="x",
                           until=portal_now(), brought_by=scene.owner, brought_at=portal_now())
            for s in systems
        )  # fmt: skip
    with acting(scene.owner, door=Door.COMMAND, verb="tier.propose"):
        LoweredTier.objects.bulk_create(
            LoweredTier(system=s, from_tier="high", to_tier="low", pack="x", reason="x", review_at=portal_now(),
                        proposed_by=scene.owner, proposed_at=portal_now())
            for s in systems
        )  # fmt: skip


def counted(client: Client, address: str) -> int:
    """Statements one request takes."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(address)
        if response.streaming:
            b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert response.status_code == 200
    return len(queries)


@pytest.mark.django_db
def test_lists_cost_the_same_for_10_and_for_200_rows_and_as_much_as_was_written_down(
    scene: Scene, client: Client
) -> None:
    adopt_baseline()
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        appoint(scene.owner, Role.OWNER, system=scene.foreign)
    release = create_release(actor=scene.owner, system=scene.scorer, version="counted")
    create_asset(actor=scene.owner, unit=scene.cards, kind="dataset", name="counted")
    addresses = {name: address.format(release=release.pk) for name, address in PAGES.items()}
    client.force_login(scene.owner)
    for address in addresses.values():
        client.get(address)
    grow(scene, 0, 10)
    few = {name: counted(client, address) for name, address in addresses.items()}
    grow(scene, 10, 200)
    many = {name: counted(client, address) for name, address in addresses.items()}
    assert many == few
    if os.environ.get("COUNT") == "write":
        BASELINE.write_text(json.dumps(few, indent=2) + "\n")
    assert few == json.loads(BASELINE.read_text()), "If the new numbers are right, write them down with COUNT=write."
