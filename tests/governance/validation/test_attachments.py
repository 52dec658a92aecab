"""Files come to reviews and findings by either door, stay there, and make nobody a contributor."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from governance.access.vocabulary import Role
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.ledger.beside import beside
from governance.ledger.models import Denial, Event
from governance.validation.models import Contribution, Finding, FindingFile, Review, ReviewFile
from governance.validation.services import (
    Handed,
    attach_to_finding,
    attach_to_review,
    raise_finding,
    respond_to_finding,
)
from tests.governance.access.people import appoint, system, unit
from tests.governance.validation.scene import Scene, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, good, problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
PDF = b"%PDF-1.7 report"
DIGEST = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def review(scene: Scene) -> Review:
    return review_of(scene.submitted(), Role.VALIDATOR)


@pytest.fixture
def finding(scene: Scene, review: Review) -> Finding:
    return raise_finding(
        actor=scene["validator"], release=review.submission.release, title="Skewed", text="x", severity="low",
        category="data",
    )  # fmt: skip


def upload(caller: Caller, path: str, data: bytes = PDF, /, **fields: str) -> Any:
    body = encode_multipart(BOUNDARY, {"file": ContentFile(data, name="report.pdf"), **fields})
    return caller.call("POST", path, body, content_type=MULTIPART_CONTENT)


def handed(data: bytes = PDF, name: str = "report.pdf") -> Handed:
    return Handed(ContentFile(data), name)


def test_a_file_comes_to_a_review_by_the_form_and_is_handed_out_as_an_attachment(scene: Scene, review: Review) -> None:
    hands = Contribution.objects.count()
    web, where = browser(scene["validator"]), f"/reviews/{review.pk}/attach/"
    assert b"Decision" in web.get(where).content
    sent = {"part": "decision", "file": ContentFile(b"<script>alert(1)</script>", name="Tests.html"), "sha256": ""}
    assert web.post(where, sent).status_code == 302
    kept = ReviewFile.objects.get()
    page = browser(scene["viewer"]).get(f"/reviews/{review.pk}/").content.decode()
    assert "Tests.html" in page
    assert kept.file.sha256 in page
    assert where not in page
    answer: Any = browser(scene["viewer"]).get(f"/review-files/{kept.pk}/")
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"] == 'attachment; filename="Tests.html"'
    assert answer["Content-Type"] == "application/octet-stream"
    stranger = browser(scene["outsider"])
    assert stranger.get(f"/review-files/{kept.pk}/").status_code == 404
    assert stranger.get("/review-files/999999/").content == stranger.get(f"/review-files/{kept.pk}/").content
    sign(scene["validator"], review)
    assert Contribution.objects.count() == hands
    certificate = browser(scene["viewer"]).get(f"/submissions/{review.submission_id}/certificate/").content.decode()
    assert kept.file.sha256 in certificate
    assert Event.objects.get(table_name="validation_reviewfile", op="I").verb == "review.attach"


@pytest.mark.parametrize(
    ("name", "discussion", "decision"),
    [
        ("owner", 200, 403), ("validator", 200, 200), ("auditor", 200, 403), ("viewer", 403, 403),
        ("superuser", 403, 403), ("outsider", 404, 404),
    ],
)  # fmt: skip
def test_who_may_sign_a_stage_adds_to_its_decision_and_who_takes_part_to_its_discussion(
    scene: Scene, review: Review, name: str, discussion: int, decision: int
) -> None:
    for part, status in (("discussion", discussion), ("decision", decision)):
        denials = Denial.objects.count()
        at_api = upload(Caller(scene[name]), f"reviews/{review.pk}/attach/", part=part)
        assert at_api.status_code == status, (part, at_api.content)
        at_web = browser(scene[name]).post(
            f"/reviews/{review.pk}/attach/", {"part": part, "file": ContentFile(b"x", name="x.txt"), "sha256": ""}
        )
        assert at_web.status_code == (302 if status == 200 else status)
        assert Denial.objects.count() == denials + 2 * (status == 403)


def test_a_decided_stage_takes_papers_from_who_decided_it_and_from_nobody_else(scene: Scene, review: Review) -> None:
    sign(scene["validator"], review)
    shown = good(upload(Caller(scene["validator"]), f"reviews/{review.pk}/attach/", part="decision"))
    (file,) = shown["files"]
    assert (file["part"], file["sha256"], file["size"], file["media_type"]) == (
        "decision", DIGEST, len(PDF), "application/pdf"
    )  # fmt: skip
    problem(upload(Caller(scene["validator2"]), f"reviews/{review.pk}/attach/", part="decision"), 409, "state")
    good(upload(Caller(scene["validator2"]), f"reviews/{review.pk}/attach/", part="discussion"))


def test_an_answer_and_its_judgement_come_with_evidence(scene: Scene, finding: Finding) -> None:
    owner, validator = Caller(scene["owner"]), Caller(scene["validator"])
    path = f"findings/{finding.pk}/attach/"
    good(upload(owner, path, part="response"))
    problem(upload(validator, path, part="verification"), 409, "state")
    respond_to_finding(actor=scene["owner"], finding=finding, response="Mended.")
    good(upload(owner, path, b"more", part="response"))
    problem(upload(owner, path, b"more", part="response"), 409, "duplicate")
    problem(upload(owner, path, part="verification"), 403)
    shown = good(validator.post(path, {"part": "verification", "sha256": f"sha256:{DIGEST}", "name": "again.pdf"}))
    assert [(each["part"], each["name"]) for each in shown["files"]] == [
        ("response", "report.pdf"), ("response", "report.pdf"), ("verification", "again.pdf"),
    ]  # fmt: skip
    page = browser(scene["owner"]).get(f"/findings/{finding.pk}/").content.decode()
    assert "again.pdf" in page
    assert browser(scene["viewer"]).get(f"/findings/{finding.pk}/attach/").status_code == 403
    answer: Any = browser(scene["viewer"]).get(f"/finding-files/{shown['files'][0]['id']}/")
    assert b"".join(answer.streaming_content) == PDF


def test_who_answered_a_finding_or_built_the_release_adds_nothing_to_its_judgement(
    scene: Scene, finding: Finding
) -> None:
    appoint(scene["validator"], Role.DEVELOPER, system=scene.system)
    finding = respond_to_finding(actor=scene["owner"], finding=finding, response="Mended.")
    problem(upload(Caller(scene["validator"]), f"findings/{finding.pk}/attach/", part="verification"), 403)
    assert not finding.files.exists()
    attach_to_finding(actor=scene["auditor"], finding=finding, part="verification", handed=handed())
    assert finding.files.get().part == "verification"


def test_a_digest_names_only_a_file_one_may_see(scene: Scene, review: Review) -> None:
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        other = system("other", unit("elsewhere"))
    appoint(scene["outsider"], Role.DEVELOPER, system=other)
    appoint(scene["validator2"], Role.VALIDATOR, system=other)
    release = Scene(other.unit, other, scene.people, 7).release(by="outsider")
    elsewhere = raise_finding(
        actor=scene["validator2"], release=release, title="x", text="x", severity="low", category="data"
    )
    attach_to_review(actor=scene["owner"], review=review, part="discussion", handed=handed())
    for sha256 in (DIGEST, "0" * 64):
        with pytest.raises(InvalidInput) as caught:
            attach_to_finding(actor=scene["outsider"], finding=elsewhere, part="response", handed=Handed(sha256=sha256))
        assert caught.value.errors == {"sha256": ["No file attached to anything you may see has this digest."]}


def test_what_is_handed_in_is_one_file_or_one_digest(scene: Scene, review: Review) -> None:
    caller, path = Caller(scene["owner"]), f"reviews/{review.pk}/attach/"
    talk = {"part": "discussion"}
    for body in (
        talk, {**talk, "sha256": "x"}, {"part": "other", "sha256": DIGEST}, {**talk, "file": "text"},
        {**talk, "sha256": DIGEST, "more": 1},
    ):  # fmt: skip
        problem(caller.post(path, body), 400)
    problem(upload(caller, path, part="discussion", sha256=DIGEST), 400)
    problem(upload(caller, path, b"", part="discussion"), 400)
    problem(caller.call("POST", path, b"x", content_type="text/plain"), 415)
    problem(caller.call("POST", path, b"--", content_type="multipart/form-data"), 400)
    assert not ReviewFile.objects.exists()


def test_files_stay_attached_in_ones_own_name_and_their_bytes_are_checked(
    scene: Scene, review: Review, finding: Finding, store: Path
) -> None:
    kept = attach_to_review(actor=scene["owner"], review=review, part="discussion", handed=handed())
    attach_to_finding(actor=scene["owner"], finding=finding, part="response", handed=handed())
    assert FindingFile.objects.get().file_id == kept.file_id
    assert refusal(lambda: execute(f"UPDATE validation_reviewfile SET name = 'x' WHERE id = {kept.pk}")) == (
        "reviewfile_append_only"
    )

    def forged() -> None:
        act_as(scene["validator"])
        execute(
            "INSERT INTO validation_reviewfile (review_id, part, file_id, name, added_by_id, added_at)"
            f" VALUES ({review.pk}, 'decision', {kept.file_id}, 'x', {scene['owner'].pk}, now())"
        )

    assert refusal(forged) == "file_attached_by_actor"
    assert list(beside()) == []
    (place,) = [path for path in store.rglob("*") if path.is_file()]
    place.chmod(0o640)
    place.write_bytes(b"other")
    assert [difference.expected for difference in beside()] == [DIGEST]
    assert browser(scene["viewer"]).get(f"/review-files/{kept.pk}/").status_code == 409
