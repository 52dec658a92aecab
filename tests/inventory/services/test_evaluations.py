"""Evaluation results: recorded through every door, all or none, never changed, compared, and frozen into packages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client

from governance.access.rights import NotVisible
from governance.access.vocabulary import Scope
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden
from governance.validation.models import Contribution
from governance.validation.services import submit_release
from inventory.evaluations import compared, from_file, newest_of
from inventory.metrics import catalogue
from inventory.models import Evaluation
from inventory.services.evaluations import record_evaluations
from inventory.services.releases import discard_release
from inventory.services.tokens import mint_token
from tests.governance.validation.scene import Scene, build
from tests.governance.validation.test_database_guards import refusal
from tests.governance.validation.test_forged_packages import first, forge
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
__all__ = ["first"]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
RESULTS: list[Mapping[str, object]] = [
    {"metric": "recall", "value": 0.91, "threshold": 0.85},
    {"metric": "recall", "slice": "age 18-25", "value": "0.80", "threshold": "0.85"},
    {"metric": "latency-p95", "value": 120, "threshold": 200, "method": "stress"},
]


@pytest.fixture
def scene(db: None) -> Scene:
    """A high-tier system with its people."""
    return build()


def test_the_catalogue_names_what_the_design_asks_for() -> None:
    assert {
        "accuracy", "precision", "recall", "f1", "auc-roc", "calibration-error", "demographic-parity-difference",
        "equal-opportunity-difference", "equalised-odds-difference", "disparate-impact", "robust-accuracy",
    } <= catalogue().keys()  # fmt: skip
    assert {metric.direction for metric in catalogue().values()} == {"higher", "lower"}
    assert all(metric.formula and metric.unit and metric.title for metric in catalogue().values())


def test_results_keep_or_miss_their_threshold_by_the_direction_of_the_metric(scene: Scene) -> None:
    release = scene.release()
    made = record_evaluations(actor=scene["developer"], release=release, results=RESULTS)
    assert [(row.value, row.holds) for row in made] == [
        (Decimal("0.91"), True), (Decimal("0.80"), False), (Decimal(120), True),
    ]  # fmt: skip
    (free,) = record_evaluations(actor=scene["developer"], release=release, results=[{"metric": "mae", "value": 1}])
    assert free.holds is None


BAD: dict[str, Mapping[str, object]] = {
    "metric": {"metric": "luck", "value": 1},
    "value": {"metric": "recall", "value": "NaN"},
    "threshold": {"metric": "recall", "value": 1, "threshold": "high"},
    "method": {"metric": "recall", "value": 1, "method": "guess"},
    "slice": {"metric": "recall", "value": 1, "slice": "a\0b"},
    "colour": {"metric": "recall", "value": 1, "colour": "red"},
}


@pytest.mark.parametrize("field", BAD)
def test_one_bad_result_is_named_and_nothing_is_recorded(scene: Scene, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        record_evaluations(actor=scene["developer"], release=scene.release(), results=[*RESULTS, BAD[field]])
    assert set(refused.value.errors) == {f"results.3.{field}"}
    assert Evaluation.objects.count() == 0


def test_who_may_not_describe_the_release_records_nothing(scene: Scene) -> None:
    release = scene.release()
    for name, kind in (("validator", Forbidden), ("viewer", Forbidden), ("outsider", NotVisible)):
        with pytest.raises(kind):
            record_evaluations(actor=scene[name], release=release, results=RESULTS)
    discard_release(actor=scene["owner"], release=release)
    with pytest.raises(Conflict):
        record_evaluations(actor=scene["owner"], release=release, results=RESULTS)


def test_a_result_never_changes_and_the_newest_counts(scene: Scene) -> None:
    release = scene.release()
    record_evaluations(actor=scene["developer"], release=release, results=RESULTS)
    record_evaluations(actor=scene["developer"], release=release, results=[{"metric": "recall", "value": 0.93}])
    assert [(row.metric, row.slice, row.value) for row in newest_of(release)] == [
        ("recall", "", Decimal("0.93")), ("recall", "age 18-25", Decimal("0.8")), ("latency-p95", "", Decimal(120)),
    ]  # fmt: skip
    with pytest.raises(IntegrityError, match="never changes"):
        Evaluation.objects.update(value=1)


def test_results_are_compared_with_the_last_approved_release(scene: Scene) -> None:
    before = scene.release()
    record_evaluations(actor=scene["developer"], release=before, results=RESULTS)
    scene.sign_all(submit_release(actor=scene["owner"], release=before))
    after = scene.release()
    better: list[Mapping[str, object]] = [
        {"metric": "recall", "value": 0.9}, {"metric": "latency-p95", "value": 90, "method": "stress"},
    ]  # fmt: skip
    record_evaluations(actor=scene["developer"], release=after, results=better)
    rows, earlier = compared(after)
    assert earlier == before
    assert [(row.result.metric, row.change) for row in rows] == [("recall", "worse"), ("latency-p95", "better")]


def test_the_package_names_the_newest_results_and_hiding_one_is_refused(scene: Scene, first: Any) -> None:
    release = first.release
    record_evaluations(actor=scene["developer"], release=release, results=RESULTS)
    assert refusal(lambda: forge(scene, first)) == "package_evaluations_agrees"


def test_who_measured_has_a_hand_in_the_release_also_through_a_machine(scene: Scene) -> None:
    release = scene.release(by="owner")
    text = mint_token(
        actor=scene["deputy"], person=scene["deputy"], name="ci", scopes=[Scope.RELEASE_WRITE],
        expiry=portal_now() + timedelta(days=1), systems=[scene.system],
    ).text  # fmt: skip
    machine = Caller(token=text)
    sent = {"release": release.pk, "results": [{"metric": "recall", "value": 0.9, "method": "k_fold"}]}
    good(machine.post("evaluations/", sent, Idempotency_Key="one"), 201)
    good(machine.post("evaluations/", sent, Idempotency_Key="one"), 201)
    assert Evaluation.objects.count() == 1
    submission = submit_release(actor=scene["owner"], release=release)
    (told,) = json.loads(submission.manifest)["evaluations"]
    assert (told["metric"], told["value"], told["method"]) == ("recall", "0.90000000", "k_fold")
    people = Contribution.objects.filter(release=release, kind="evaluation").values_list("person", flat=True)
    assert scene["deputy"].pk in people


def test_the_api_lists_results_and_the_catalogue_and_hides_them_from_strangers(scene: Scene) -> None:
    release = scene.release()
    owner, stranger = Caller(scene["owner"]), Caller(scene["outsider"])
    made = good(owner.post("evaluations/", {"release": release.pk, "results": RESULTS[:1]}), 201)
    assert made["results"][0]["holds"] is True
    problem(owner.post("evaluations/", {"release": release.pk, "results": []}), 400)
    unknown = {"release": release.pk, "results": [{"metric": "luck", "value": 1}]}
    wrong = problem(owner.post("evaluations/", unknown), 400)
    assert set(wrong["errors"]) == {"results.0.metric"}
    assert len(good(owner.get(f"evaluations/?release={release.pk}&metric=recall"))["results"]) == 1
    assert good(stranger.get("evaluations/"))["results"] == []
    problem(stranger.get(f"evaluations/{made['results'][0]['id']}/"), 404)
    problem(stranger.post("evaluations/", {"release": release.pk, "results": RESULTS[:1]}), 403)
    assert "recall" in {metric["id"] for metric in good(owner.get("evaluations/metrics/"))["metrics"]}


def test_a_file_is_taken_in_on_the_release_page(scene: Scene) -> None:
    release = scene.release()
    client = Client()
    client.force_login(scene["developer"], backend=BACKEND)
    where = f"/releases/{release.pk}/evaluations/new/"
    assert client.get(where).status_code == 200
    csv = SimpleUploadedFile("r.csv", b"metric,slice,value,threshold\nrecall,,0.91,0.85\nf1,age 18-25,0.7,\n")
    assert client.post(where, {"file": csv, "text": ""}).status_code == 302
    page = client.get(f"/releases/{release.pk}/").content.decode()
    assert "F1 score" in page
    assert "Kept" in page
    bad = client.post(where, {"text": "metric,value\nrecall,0.9\nluck,1\n"})
    assert bad.status_code == 400
    assert "Result 2, metric" in bad.content.decode()
    assert client.post(where, {"text": ""}).status_code == 400
    broken = SimpleUploadedFile("r.csv", b"metric,value\n\xff\xfe,1\n")
    assert "not UTF-8" in client.post(where, {"file": broken, "text": ""}).content.decode()
    client.force_login(scene["validator"], backend=BACKEND)
    assert client.get(where).status_code == 403


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Line 1"),
        ("metric,metric,value\nrecall,recall,1", "names a column twice"),
        ("metric,luck\nrecall,1", "does not know luck"),
        ("metric,value\nrecall", "Line 2: has 1 cells"),
        ('metric,value\n"recall,1', "Line 2"),
        ("[1, 2]", "Must be a list of objects"),
        ('{"results": 1}', "Must be a list of objects"),
        ("[" * 100_000, "Is no JSON"),
        ("metric,value\nrec\0all,1", "NUL"),
        ("metric,value\n" + "recall,1\n" * 1001, "more than 1000"),
        ("m" * 1_000_001, "larger than"),
    ],
)
def test_a_wrong_file_is_refused_by_line(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        from_file(text)


def test_json_and_csv_say_the_same() -> None:
    assert from_file('[{"metric": "recall", "value": "1"}]') == from_file("\ufeffmetric,value\nrecall,1\n\n")
