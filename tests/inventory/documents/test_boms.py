"""ML-BOMs come in whole or not at all, and go out as their format's schema asks."""

from __future__ import annotations

import json
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from inventory.documents.boms import BomError, problem_of, read
from inventory.models import Artifact, Asset, Dependency, DocumentRevision
from inventory.services import ArtifactInput, create_release, save_document_revision
from tests.inventory.scene import SHA, Scene, adopt_baseline

SHELL: dict[str, Any] = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
CARD = {
    "modelParameters": {"task": "scoring", "datasets": [{"type": "dataset", "name": "Ledger 2025"}]},
    "considerations": {"useCases": ["Card payments"], "technicalLimitations": ["Rare cards"]},
    "quantitativeAnalysis": {"performanceMetrics": [{"type": "recall", "value": "0.91", "slice": "abroad"}]},
}
BOM = {
    **SHELL,
    "components": [
        {"type": "machine-learning-model", "name": "fraud", "version": "3", "modelCard": CARD,
         "hashes": [{"alg": "SHA-256", "content": SHA}]},
        {"type": "library", "name": "numpy", "version": "2.1", "purl": "pkg:pypi/numpy@2.1",
         "licenses": [{"license": {"id": "BSD-3-Clause"}}], "hashes": [{"alg": "SHA-256", "content": SHA}]},
    ],
}  # fmt: skip


def bom(*components: dict[str, Any]) -> bytes:
    return json.dumps({**SHELL, "components": list(components)}).encode()


HOSTILE = [
    (b"[]", "no CycloneDX"),
    (b"<html>", "no JSON"),
    (b"\xff\xfe", "no UTF-8"),
    (b"[" * 200_000, "nested too deeply"),
    (b" " * 5_000_001, "at most 5,000,000"),
    (b'{"bomFormat": "CycloneDX", "specVersion": "0.9"}', "Only versions 1.5, 1.6"),
    (bom(), "no component"),
    (bom({"type": "library"}), "'name' is a required property"),
    (bom({"type": "nonsense", "name": "x"}), "nonsense"),
    (bom({"type": "library", "name": "x", "evil": 1}), "evil"),
    (bom(*({"type": "library", "name": f"x{n}"} for n in range(501))), "more than 500"),
    (bom({"type": "library", "name": "nul \0"}), "NUL"),
]


def run(path: Path, *options: str) -> tuple[int, dict[str, Any]]:
    out = StringIO()
    status = 0
    try:
        call_command("import_bom", str(path), "--system", "scorer", "--json", *options, stdout=out)
    except SystemExit as leaving:
        status = int(str(leaving.code))
    return status, json.loads(out.getvalue())


def counts(rows: int, **given: int) -> dict[str, Any]:
    return {"rows": rows, "created": 0, "updated": 0, "unchanged": 0, "vanished": 0, "errors": [], **given}


@pytest.fixture
def ready(scene: Scene) -> Scene:
    adopt_baseline()
    return scene


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bom.json"
    path.write_text(json.dumps(BOM))
    return path


@pytest.mark.parametrize(("content", "said"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_bom_is_refused_by_name(content: bytes, said: str) -> None:
    start = time.process_time()
    with pytest.raises(BomError, match=said):
        read(content)
    assert time.process_time() - start < 3


@pytest.mark.django_db
@pytest.mark.parametrize(("content", "said"), HOSTILE, ids=range(len(HOSTILE)))
def test_the_command_refuses_and_changes_nothing(ready: Scene, file: Path, content: bytes, said: str) -> None:
    file.write_bytes(content)
    status, told = run(file)
    assert (status, told["rows"]) == (1, 0)
    assert said in told["errors"][0]["message"]
    assert (DocumentRevision.objects.count(), Asset.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_its_card_becomes_a_revision_and_its_parts_assets_once(ready: Scene, file: Path) -> None:
    assert run(file, "--dry-run") == (0, counts(2, created=3))
    assert (DocumentRevision.objects.count(), Asset.objects.count()) == (0, 0)
    assert run(file) == (0, counts(2, created=3))
    assert run(file) == (0, counts(2, unchanged=3))
    sections = DocumentRevision.objects.get().sections
    assert "Card payments" in sections["purpose"]
    assert "recall: 0.91 (abroad)" in sections["performance"]
    assert {(a.kind, a.name, a.licence) for a in Asset.objects.all()} == {
        ("library", "numpy", "BSD-3-Clause"), ("dataset", "Ledger 2025", ""),
    }  # fmt: skip
    assert {(d.relation, d.on_asset.name) for d in Dependency.objects.all() if d.on_asset} == {
        ("uses", "numpy"), ("trained_on", "Ledger 2025"),
    }  # fmt: skip


@pytest.mark.django_db
def test_with_a_draft_release_its_parts_become_artifacts_and_others_stay(ready: Scene, file: Path) -> None:
    line = ArtifactInput(name="image", kind="container", sha256=SHA)
    release = create_release(actor=ready.developer, system=ready.scorer, version="3.0", artifacts=[line])
    assert run(file, "--release", "3.0") == (0, counts(2, created=3))
    assert run(file, "--release", "3.0", "--as", "developer") == (0, counts(2, unchanged=3))
    assert {(a.name, a.kind, a.uri) for a in Artifact.objects.filter(release=release)} == {
        ("image", "container", ""), ("fraud", "model", ""), ("numpy", "package", "pkg:pypi/numpy@2.1"),
    }  # fmt: skip
    assert Asset.objects.count() == 0
    assert run(file, "--release", "9")[0] == 1
    assert run(file, "--as", "viewer")[0] == 1


@pytest.mark.django_db
def test_what_goes_out_fits_the_schema_and_comes_in_again(ready: Scene, client: Client, tmp_path: Path) -> None:
    lines = [
        ArtifactInput(name=kind, kind=kind, version="1", sha256=SHA)
        for kind in ("model", "container", "package", "dataset", "code", "prompt", "configuration", "other")
    ]
    vendor = ArtifactInput(name="chat", kind="service", vendor="Lumen", model_id="l-1", region="eu")
    release = create_release(
        actor=ready.developer, system=ready.scorer, version="3.0", artifacts=[*lines, vendor]
    )  # fmt: skip
    save_document_revision(
        actor=ready.owner, system=ready.scorer, template="model-card", contact="o", sections={"limits": "Rare cards."}
    )
    client.force_login(ready.viewer)
    answer = client.get(f"/releases/{release.pk}/bom/")
    out = json.loads(answer.content)
    assert problem_of(out) == ""
    assert out["services"][0]["provider"] == {"name": "Lumen"}
    model = next(part for part in out["components"] if part["type"] == "machine-learning-model")
    assert model["modelCard"]["considerations"]["technicalLimitations"] == ["Rare cards."]
    assert answer.content == client.get(f"/releases/{release.pk}/bom/").content or out["serialNumber"]
    path = tmp_path / "out.json"
    path.write_bytes(answer.content)
    assert len(read(path.read_bytes())) == len(lines)
    client.force_login(ready.stranger)
    assert client.get(f"/releases/{release.pk}/bom/").status_code == 404


@pytest.mark.shared
@pytest.mark.django_db
def test_real_boms_come_to_what_is_expected(ready: Scene, shared_data: Path) -> None:
    expected = json.loads((shared_data / "ml-bom/expected.json").read_text())
    for name, told in expected.items():
        path = shared_data / "ml-bom" / name
        components = [c for c in read(path.read_bytes()) if c.type == "machine-learning-model"]
        assert [(c.name, c.version or None) for c in components] == [
            (c["name"], c["version"]) for c in told["ml components"]
        ]
        for component, wanted in zip(components, told["ml components"], strict=True):
            card = component.card or {}
            parameters = card.get("modelParameters", {})
            assert [each["name"] for each in parameters.get("datasets", [])] == wanted["datasets"]
            assert parameters.get("task") == wanted["task"]
            assert sorted(card.get("considerations", {})) == wanted["considerations"]
        status, report = run(path)
        assert (status, report["rows"], report["errors"]) == (0, len(read(path.read_bytes())), [])
        assert run(path)[1]["created"] == run(path)[1]["updated"] == 0


@pytest.mark.parametrize(
    "parts",
    [
        {"components": [{"type": "library", "name": f"x{n}"} for n in range(50_000)]},
        {"dependencies": [{"ref": f"x{n}"} for n in range(50_000)]},
        {"components": [{"type": "library", "name": "x", "externalReferences": [
            {"type": "vcs", "url": f"http://a/{n}"} for n in range(50_000)]}]},
        {"components": [{"type": "library", "name": "x", "properties": [{"name": f"{n}"} for n in range(50_000)]}]},
    ],
)  # fmt: skip
def test_a_bom_with_more_in_it_than_is_read_is_refused_before_its_schema_is_asked(parts: dict[str, Any]) -> None:
    began = time.process_time()
    with pytest.raises(BomError, match="more than"):
        read(json.dumps({**SHELL, **parts}).encode())
    assert time.process_time() - began < 2
