"""Evidence files: kept under their digest, once, whole or not at all, and found out when they change."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction
from django.test import Client

from governance.inputs import InvalidInput
from governance.ledger.beside import beside
from governance.lifecycle import Conflict, Forbidden
from inventory.evidence import content
from inventory.evidence.content import sniffed
from inventory.models import Document, EvidenceFile, EvidenceLink
from inventory.services import save_document_revision
from inventory.services.evidence import attach_evidence
from tests.inventory.scene import Scene, adopt_baseline
from tests.rest import Caller, good, problem

PDF = b"%PDF-1.7 report"
DIGEST = hashlib.sha256(PDF).hexdigest()
NAMES = [
    ("report.pdf", "report.pdf"), ("../../etc/passwd", "passwd"), ("..\\..\\x.exe", "x.exe"),
    ("a\r\nSet-Cookie: b", "aSet-Cookie: b"), ("\u202egnp.exe", "gnp.exe"), ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ('"; filename=evil', '"; filename=evil'), ("nul\0l.txt", "null.txt"),
]  # fmt: skip


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "evidence"
    options = {"BACKEND": "inventory.evidence.storage.LocalEvidence", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "evidence": options}
    return folder


@pytest.fixture
def card(scene: Scene, store: Path) -> Document:
    adopt_baseline()
    return save_document_revision(
        actor=scene.owner, system=scene.scorer, template="model-card", sections={"purpose": "x"}, contact="o"
    ).document


def attach(scene: Scene, document: Document | None, data: bytes = PDF, **more: Any) -> EvidenceLink:
    given = {"actor": scene.developer, "system": scene.scorer, "name": "report.pdf", "document": document, **more}
    return attach_evidence(content=ContentFile(data), **given)


def files(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_its_digest_and_named_in_the_documents_next_revision(
    scene: Scene, card: Document, store: Path
) -> None:
    link = attach(scene, card)
    assert (link.file.sha256, link.file.size, link.file.media_type) == (DIGEST, len(PDF), "application/pdf")
    assert [path.relative_to(store).as_posix() for path in files(store)] == [f"{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"]
    newest = card.revisions.order_by("-number")[0]
    assert (newest.number, newest.author) == (2, scene.developer)
    assert newest.sections == {"purpose": "x", "evidence": f"- `report.pdf`, sha256:{DIGEST}"}


def test_the_same_bytes_are_kept_once_and_other_bytes_leave_the_old_file_alone(
    scene: Scene, card: Document, store: Path
) -> None:
    attach(scene, card)
    attach(scene, None, name="the same.pdf")
    with pytest.raises(Conflict) as caught:
        attach(scene, card)
    assert caught.value.code == "duplicate"
    attach(scene, card, PDF + b" two")
    assert (EvidenceFile.objects.count(), EvidenceLink.objects.count(), len(files(store))) == (2, 3, 2)


@pytest.mark.parametrize(("name", "label"), NAMES)
def test_a_name_is_only_a_label(scene: Scene, card: Document, name: str, label: str) -> None:
    assert attach(scene, None, name=name).name == label


@pytest.mark.parametrize("data", [b"", b"x" * 2000])
def test_an_empty_or_too_large_file_changes_nothing(
    scene: Scene, card: Document, store: Path, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "LARGEST", 1000)
    with pytest.raises(InvalidInput):
        attach(scene, card, data)
    assert (EvidenceFile.objects.count(), files(store), card.revisions.count()) == (0, [], 1)


def test_a_full_store_says_so_and_leaves_no_half_file(
    scene: Scene, card: Document, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("inventory.evidence.storage.os.fsync", full)
    with pytest.raises(Conflict) as caught:
        attach(scene, card)
    assert caught.value.code == "storage"
    assert (EvidenceFile.objects.count(), files(store), card.revisions.count()) == (0, [], 1)


def test_a_damaged_copy_is_mended_by_handing_the_file_in_again(scene: Scene, card: Document, store: Path) -> None:
    attach(scene, card)
    tamper(files(store)[0], b"other")
    assert [(d.table, d.expected) for d in beside()] == [("evidence files", DIGEST)]
    attach(scene, None)
    assert list(beside()) == []


def tamper(path: Path, data: bytes | None) -> None:
    path.chmod(0o640)
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)


@pytest.mark.parametrize(("data", "found"), [(b"other", hashlib.sha256(b"other").hexdigest()), (None, "missing")])
def test_a_changed_or_missing_file_is_named_by_the_check_and_not_handed_out(
    scene: Scene, card: Document, store: Path, client: Client, data: bytes | None, found: str
) -> None:
    link = attach(scene, card)
    assert list(beside()) == []
    tamper(files(store)[0], data)
    (difference,) = beside()
    assert (difference.table, difference.key, difference.expected, difference.found) == (
        "evidence files", str(link.file_id), DIGEST, found,
    )  # fmt: skip
    client.force_login(scene.viewer)
    assert client.get(f"/evidence/{link.pk}/").status_code == 409


def test_rows_of_evidence_never_change(scene: Scene, card: Document) -> None:
    link = attach(scene, card)
    with pytest.raises(DatabaseError, match="evidence"), transaction.atomic():
        EvidenceLink.objects.filter(pk=link.pk).update(name="other")
    with pytest.raises(DatabaseError, match="evidence"), transaction.atomic():
        EvidenceFile.objects.filter(pk=link.file_id).update(sha256="0" * 64)


def test_a_viewer_attaches_nothing_and_nothing_is_kept(scene: Scene, card: Document, store: Path) -> None:
    with pytest.raises(Forbidden):
        attach(scene, card, actor=scene.viewer)
    assert files(store) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<html><script>alert(1)</script>", "text/plain"),
        (b"{}", "application/json"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"PK\x03\x04", "application/zip"),
        (b"\0\1\2", "application/octet-stream"),
        (b"\xff\xfe\x00", "application/octet-stream"),
    ],
)
def test_what_a_file_is_is_told_by_its_bytes(data: bytes, said: str) -> None:
    assert sniffed(data) == said


def test_through_the_page_a_file_comes_and_goes_as_an_attachment(scene: Scene, card: Document, client: Client) -> None:
    client.force_login(scene.developer)
    where = "/systems/scorer/documents/model-card/evidence/new/"
    sent = ContentFile(b"<script>alert(1)</script>", name="Prüfbericht.html")
    assert client.post(where, {"file": sent}).status_code == 302
    link = EvidenceLink.objects.get()
    client.force_login(scene.viewer)
    answer = client.get(f"/evidence/{link.pk}/")
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Pr%C3%BCfbericht.html")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "Prüfbericht.html" in client.get("/systems/scorer/documents/model-card/").content.decode()
    assert client.post(where, {"file": ContentFile(b"x", name="x")}).status_code == 403
    client.force_login(scene.stranger)
    assert client.get(f"/evidence/{link.pk}/").status_code == 404
    assert client.get("/evidence/999999/").content == client.get(f"/evidence/{link.pk}/").content


def test_a_request_larger_than_any_page_takes_is_refused_before_it_is_read(
    scene: Scene, card: Document, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("governance.web.uploads.LARGEST_REQUEST", 10_000)
    client.force_login(scene.developer)
    where = "/systems/scorer/documents/model-card/evidence/new/"
    assert client.post(where, {"file": ContentFile(b"x" * 20_000, name="x")}).status_code == 413


def test_the_api_lists_files_with_digest_and_address(scene: Scene, card: Document) -> None:
    link = attach(scene, card)
    (row,) = good(Caller(scene.viewer).get("evidence/?system=scorer"))["results"]
    assert (row["sha256"], row["document"], row["href"]) == (DIGEST, "model-card", f"/evidence/{link.pk}/")
    assert good(Caller(scene.stranger).get("evidence/"))["results"] == []
    problem(Caller(scene.stranger).get(f"evidence/{link.pk}/"), 404)
