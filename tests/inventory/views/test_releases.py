"""The pages of releases and documents."""

from __future__ import annotations

from django.test import Client

from inventory.models import DocumentRevision, Release
from inventory.services import ArtifactInput, create_release
from tests.inventory.scene import SHA, Scene, adopt_baseline, put_in_state
from tests.inventory.views.test_systems import text

BLANK = {"version": "", "uri": "", "vendor": "", "model_id": "", "region": ""}


def lines(*rows: dict[str, str], initial: int = 0) -> dict[str, str]:
    """A bill of materials as the page posts it."""
    posted = {
        "artifacts-TOTAL_FORMS": str(len(rows)), "artifacts-INITIAL_FORMS": str(initial),
        "artifacts-MIN_NUM_FORMS": "0", "artifacts-MAX_NUM_FORMS": "500",
    }  # fmt: skip
    for number, row in enumerate(rows):
        posted |= {f"artifacts-{number}-{name}": value for name, value in (BLANK | row).items()}
    return posted


HEAD = {
    "version": "1.0",
    "notes": "First.",
    "predecessor": "",
    "rollback_target": "",
    "code_revision": "",
    "run_id": "",
    "seen": "",
}
MODEL = {"name": "model.onnx", "kind": "model", "sha256": SHA}
SERVICE = {"name": "assistant", "kind": "service", "sha256": "", "vendor": "Vendor", "model_id": "m-1"}


def draft(scene: Scene, version: str = "0.9") -> Release:
    line = ArtifactInput(name="model.onnx", kind="model", sha256=SHA)
    return create_release(actor=scene.developer, system=scene.scorer, version=version, artifacts=[line])


def test_a_release_is_described_with_its_bill_of_materials(scene: Scene, client: Client) -> None:
    client.force_login(scene.developer)
    response = client.post("/systems/scorer/releases/new/", {**HEAD, **lines(MODEL, SERVICE)})
    assert response.status_code == 302
    release = Release.objects.get(version="1.0")
    assert [artifact.name for artifact in release.artifacts.all()] == ["assistant", "model.onnx"]
    page = text(client.get(response["Location"]))
    assert "not bound to vendor weights" in page
    assert SHA in page


def test_a_line_is_added_without_script_and_nothing_is_saved(scene: Scene, client: Client) -> None:
    client.force_login(scene.developer)
    response = client.post("/systems/scorer/releases/new/", {**HEAD, **lines(MODEL), "add_row": "1"})
    assert response.status_code == 200
    assert 'name="artifacts-1-name"' in text(response)
    assert not Release.objects.exists()


def test_a_bad_digest_is_named_beside_its_line(scene: Scene, client: Client) -> None:
    client.force_login(scene.developer)
    response = client.post(
        "/systems/scorer/releases/new/", {**HEAD, **lines(MODEL, MODEL | {"name": "b", "sha256": "XYZ"})}
    )
    assert response.status_code == 400
    assert "Line 2, sha256" in text(response)
    assert not Release.objects.exists()


def test_hostile_form_counters_are_bad_input(scene: Scene, client: Client) -> None:
    client.force_login(scene.developer)
    for total in ("", "x", "-1", "99999999999999999999", "600"):
        body = {**HEAD, **lines(MODEL), "artifacts-TOTAL_FORMS": total}
        assert client.post("/systems/scorer/releases/new/", body).status_code == 400
        assert client.post("/systems/scorer/releases/new/", {**body, "add_row": "1"}).status_code in {200, 400}


def test_a_version_is_taken_once(scene: Scene, client: Client) -> None:
    draft(scene, "1.0")
    client.force_login(scene.developer)
    response = client.post("/systems/scorer/releases/new/", {**HEAD, **lines(MODEL)})
    assert response.status_code == 409
    assert "already has a release 1.0" in text(response)


def test_a_draft_is_edited_and_a_frozen_release_is_not(scene: Scene, client: Client) -> None:
    release = draft(scene)
    client.force_login(scene.developer)
    page = client.get(f"/releases/{release.pk}/edit/")
    head = {**HEAD, "version": "0.9", "seen": page.context["form"].initial["seen"]}
    changed = MODEL | {"sha256": "b" * 64}
    assert client.post(f"/releases/{release.pk}/edit/", {**head, **lines(changed, initial=1)}).status_code == 302
    assert release.artifacts.get().sha256 == "b" * 64
    put_in_state(release, "approved")
    late = client.post(f"/releases/{release.pk}/edit/", {**head, **lines(MODEL, initial=1)})
    assert late.status_code == 409
    assert release.artifacts.get().sha256 == "b" * 64


def test_the_page_shows_what_changed_since_the_last_approved_release(scene: Scene, client: Client) -> None:
    put_in_state(draft(scene, "1.0"), "approved")
    later = create_release(
        actor=scene.developer, system=scene.scorer, version="1.1",
        artifacts=[ArtifactInput(name="model.onnx", kind="model", sha256="c" * 64)],
    )  # fmt: skip
    client.force_login(scene.viewer)
    page = text(client.get(f"/releases/{later.pk}/"))
    assert "Changed since 1.0" in page
    assert "c" * 64 in page


def test_a_draft_is_discarded_once_by_who_may(scene: Scene, client: Client) -> None:
    release = draft(scene)
    client.force_login(scene.viewer)
    assert client.post(f"/releases/{release.pk}/discard/").status_code == 403
    client.force_login(scene.stranger)
    assert client.post(f"/releases/{release.pk}/discard/").status_code == 404
    client.force_login(scene.owner)
    assert client.get(f"/releases/{release.pk}/discard/").status_code == 405
    assert client.post(f"/releases/{release.pk}/discard/").status_code == 302
    assert client.post(f"/releases/{release.pk}/discard/").status_code == 409


def test_ids_of_any_size_are_unknown_not_faults(scene: Scene, client: Client) -> None:
    client.force_login(scene.owner)
    for number in (0, 2**31, 2**63, 2**64, 10**30):
        assert client.get(f"/releases/{number}/").status_code == 404


def test_a_document_is_previewed_saved_and_kept_revision_by_revision(scene: Scene, client: Client) -> None:
    adopt_baseline()
    client.force_login(scene.developer)
    form = client.get("/systems/scorer/documents/model-card/edit/").context["form"]
    body = {name: "*Plain* words." for name in form.fields if name.startswith("section-")}
    body |= {"contact": "models@example.org", "seen": "0"}
    address = "/systems/scorer/documents/model-card/edit/"
    preview = client.post(address, {**body, "preview": "1"})
    assert "<em>Plain</em>" in text(preview)
    assert not DocumentRevision.objects.exists()
    assert client.post(address, body).status_code == 302
    assert client.post(address, body).status_code == 409
    assert client.post(address, {**body, "seen": "1"}).status_code == 302
    page = client.get("/systems/scorer/documents/model-card/?revision=1")
    assert "You are reading an old revision" in text(page)
    assert client.get("/systems/scorer/documents/model-card/?revision=9").status_code == 404
    assert client.get("/systems/scorer/documents/unheard-of/").status_code == 404
