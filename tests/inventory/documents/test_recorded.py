"""What the record knows stands in the document without being typed again."""

import pytest

from inventory.documents import reading
from inventory.documents.recorded import Record, as_markdown
from inventory.services import ArtifactInput, change_system, create_release
from tests.inventory.scene import SHA, Scene


def test_only_what_is_recorded_is_told_under_its_label() -> None:
    record: Record = {"purpose": "Scores.", "vendor": " ", "artifacts": ("model *1*", ""), "objectives": "One.\nTwo."}
    assert as_markdown(["purpose", "vendor", "artifacts", "objectives", "owner"], record) == (
        "**Purpose**: Scores.\n\n**Artifacts**\n\n- model \\*1\\*\n\n**Objectives**\n\nOne.\nTwo."
    )


@pytest.mark.django_db
def test_a_system_tells_its_owner_its_groups_and_what_its_newest_release_consists_of(scene: Scene) -> None:
    change_system(actor=scene.owner, system=scene.scorer, affected_groups="Payers\nMerchants", vendor="Lumen")
    artifacts = [
        ArtifactInput(name="model", kind="model", version="2", sha256=SHA),
        ArtifactInput(name="ledger", kind="dataset", version="7", sha256=SHA),
    ]
    create_release(actor=scene.developer, system=scene.scorer, version="2.0", artifacts=artifacts)
    scene.scorer.refresh_from_db()
    record = reading.record_of(scene.scorer)
    assert record["owner"] == scene.owner.get_full_name()
    assert record["affected_groups"] == ("Payers", "Merchants")
    assert (record["release"], record["vendor"], record["personal_data"]) == ("2.0", "Lumen", "")
    assert len(record["artifacts"]) == 2
    assert record["datasets"][0].startswith("ledger 7")
