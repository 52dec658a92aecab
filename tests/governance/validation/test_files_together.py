"""What is said and the files it rests on come in one submission: all of it is kept, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile

from governance.access.vocabulary import Role
from governance.ledger.models import Denial
from governance.validation.models import CheckAnswer, Finding, FindingFile, Review, ReviewFile, SignOff
from governance.validation.services import raise_finding, respond_to_finding
from tests.governance.validation.scene import Scene, answer_rest, build, review_of
from tests.governance.validation.test_pages import browser, post_judgement, post_signature

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
EMPTY = "nothing.txt"


@pytest.fixture
def scene(db: None) -> Scene:
    """The scene under the shipped pack, whose stages have checklists."""
    return build(checklists=True)


@pytest.fixture
def review(scene: Scene) -> Review:
    return review_of(scene.submitted(), Role.VALIDATOR)


@pytest.fixture
def finding(scene: Scene, review: Review) -> Finding:
    return raise_finding(
        actor=scene["validator"], release=review.submission.release, title="Skewed", text="x", severity="low",
        category="data",
    )  # fmt: skip


def paper(name: str, content: bytes | None = None) -> ContentFile[bytes]:
    return ContentFile(name.encode() if content is None else content, name=name)


def test_an_answer_and_its_judgement_bring_their_files(scene: Scene, finding: Finding) -> None:
    owner, where = browser(scene["owner"]), f"/findings/{finding.pk}/respond/"
    shown = owner.get(where).content.decode()
    assert 'enctype="multipart/form-data"' in shown
    assert 'name="files"' in shown
    sent = {"response": "Retrained.", "files": [paper("before.csv"), paper("after.csv")]}
    assert owner.post(where, sent).status_code == 302
    finding.refresh_from_db()
    assert (finding.state, finding.response) == ("answered", "Retrained.")
    assert list(finding.files.values_list("name", "part", "added_by")) == [
        ("before.csv", "response", scene["owner"].pk), ("after.csv", "response", scene["owner"].pk)
    ]  # fmt: skip
    judged = {"verification": "Ran it.", "files": [paper("run.log")]}
    assert post_judgement(scene["auditor"], f"/findings/{finding.pk}/verify/", **judged).status_code == 302
    finding.refresh_from_db()
    assert finding.state == "closed"
    assert finding.files.get(part="verification").name == "run.log"


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        ([paper("good.csv"), paper(EMPTY, b"")], 400, f"“{EMPTY}”: Is empty."),
        ([paper("twice.csv"), paper("twice.csv")], 409, "“twice.csv”: This very file is attached here"),
        ([paper(f"{n}.csv") for n in range(6)], 400, "At most 5 files at once"),
    ],
    ids=["empty", "twice", "many"],
)
def test_a_refused_file_refuses_all_and_says_which(
    scene: Scene, finding: Finding, files: list[Any], status: int, said: str
) -> None:
    for each in files:
        each.seek(0)
    page = browser(scene["owner"]).post(
        f"/findings/{finding.pk}/respond/", {"response": "Retrained on Monday.", "files": files}
    )
    assert page.status_code == status
    text = page.content.decode()
    assert said in text
    assert "Retrained on Monday." in text, "what was typed stays"
    finding.refresh_from_db()
    assert (finding.state, finding.response, FindingFile.objects.count()) == ("open", "", 0)


def test_who_may_not_answer_leaves_no_file_either(scene: Scene, finding: Finding) -> None:
    respond_to_finding(actor=scene["owner"], finding=finding, response="Mended.")
    web = post_judgement(
        scene["owner"], f"/findings/{finding.pk}/verify/", verification="Fine.", files=[paper("mine.csv")]
    )
    assert web.status_code == 403
    assert FindingFile.objects.count() == 0
    assert Denial.objects.filter(verb="finding.verify").exists()


def test_a_signature_and_a_checklist_bring_their_files(scene: Scene, review: Review) -> None:
    web, page = browser(scene["validator"]), f"/reviews/{review.pk}/"
    assert web.get(page).content.decode().count('type="file"') == 2
    item = review.checklist[0]["id"]
    check = {f"answer-{item}": "yes", "files": [paper("bench.csv"), paper(EMPTY, b"")]}
    refused = web.post(f"{page}checklist/", check)
    assert (refused.status_code, f"“{EMPTY}”: Is empty." in refused.content.decode()) == (400, True)
    assert not CheckAnswer.objects.exists()
    check = {f"answer-{item}": "yes", "files": [paper("bench.csv")]}
    assert web.post(f"{page}checklist/", check).status_code == 302
    assert ReviewFile.objects.get().part == "decision"
    answer_rest(scene["validator"], review)
    again = post_signature(scene["validator"], review, comment="All of it.", files=[paper(EMPTY, b"")])
    assert (again.status_code, f"“{EMPTY}”: Is empty." in again.content.decode()) == (400, True)
    assert "All of it." in again.content.decode()
    assert not SignOff.objects.exists()
    assert post_signature(scene["validator"], review, files=[paper("report.pdf")]).status_code == 302
    assert SignOff.objects.get().person == scene["validator"]
    assert set(ReviewFile.objects.values_list("name", flat=True)) == {"bench.csv", "report.pdf"}


def test_a_file_under_another_name_is_not_dropped_in_silence(scene: Scene, finding: Finding) -> None:
    sent = {"response": "Retrained.", "file": paper("lost.csv")}
    assert browser(scene["owner"]).post(f"/findings/{finding.pk}/respond/", sent).status_code == 400
    finding.refresh_from_db()
    assert finding.state == "open"
