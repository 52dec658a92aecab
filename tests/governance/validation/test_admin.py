"""What validation shows in the governance team's window: every record, looked at and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.validation.services import ConditionInput, place_hold, raise_finding
from governance.web.office import Records, office
from tests.governance.access.people import join
from tests.governance.validation.scene import Scene, review_of, sign
from tests.governance.validation.test_pages import browser
from tests.governance.validation.test_waivers import asked
from tests.unchanged import nothing_changed

pytestmark = pytest.mark.django_db
Found = dict[str, tuple[int, str]]
WINDOW = ("change", "add", "delete")


@pytest.fixture
def records(scene: Scene) -> Found:
    """One record of each kind: its number, and where in the portal its buttons are."""
    submission = scene.submitted()
    review = review_of(submission, Role.VALIDATOR)
    promise = ConditionInput("Watch drift.", scene["owner"], portal_now() + timedelta(days=9))
    signed = sign(scene["validator"], review, "approve_with_conditions", "Mostly.", conditions=[promise])
    finding = raise_finding(
        actor=scene["validator"], release=submission.release, title="Leak", text="t", severity="low", category="data"
    )
    whole = place_hold(actor=scene["owner"], system=scene.system, reason="Smoke.")
    part = place_hold(actor=scene["owner"], system=scene.system, release=submission.release, reason="Fire.")
    condition, waiver = signed.conditions.get(), asked(scene)
    join(scene["outsider"], OrganisationRole.EXAMINER)
    return {
        "submission": (submission.pk, f"/submissions/{submission.pk}/certificate/"),
        "review": (review.pk, f"/reviews/{review.pk}/"),
        "signoff": (signed.pk, f"/reviews/{review.pk}/"),
        "condition": (condition.pk, f"/conditions/{condition.pk}/"),
        "finding": (finding.pk, f"/findings/{finding.pk}/"),
        "waiver": (waiver.pk, f"/waivers/{waiver.pk}/"),
        "hold": (whole.pk, f"/systems/{scene.system.slug}/"),
        "hold/": (part.pk, f"/releases/{submission.release_id}/"),
    }


def test_every_record_is_listed_and_shown_with_the_way_to_its_buttons(scene: Scene, records: Found) -> None:
    for name in ("governor", "outsider"):
        client = browser(scene[name])
        for noun, (key, buttons) in records.items():
            where = f"/admin/validation/{noun.rstrip('/')}/"
            listed = client.get(where)
            assert listed.status_code == 200
            assert f"{where}{key}/change/" in listed.content.decode()
            page = client.get(f"{where}{key}/change/").content.decode()
            assert f'<a class="viewsitelink" href="{buttons}">Open its page in the portal</a>' in page
            assert client.get(buttons).status_code == 200
            assert not re.search(r'name="(?!csrfmiddlewaretoken|q")\w+"[^>]*type="(text|submit)"|name="_save"', page)


def test_the_signature_is_whole_there_too_and_its_proof_stays_inside(scene: Scene, records: Found) -> None:
    key, _ = records["signoff"]
    page = browser(scene["governor"]).get(f"/admin/validation/signoff/{key}/change/").content.decode()
    for words in ("I examined its data", "sha256:", "password", "Approve with conditions"):
        assert words in page
    assert "Fingerprint of the key" not in page


def test_nothing_is_added_changed_or_deleted_there(scene: Scene, records: Found) -> None:
    sent = {"state": "closed", "decision": "approve", "post": "yes", "_saveasnew": "1", "_save": "1"}
    with nothing_changed():
        for name in ("governor", "outsider", "superuser"):
            client = browser(scene[name])
            for noun, (key, _) in records.items():
                where = f"/admin/validation/{noun.rstrip('/')}/"
                for action in WINDOW:
                    path = "add/" if action == "add" else f"{key}/{action}/"
                    assert client.post(where + path, sent).status_code == 403
                client.post(where, {"action": "delete_selected", "_selected_action": str(key), "post": "yes"})


def test_only_who_sees_the_whole_organisation_comes_in(scene: Scene, records: Found) -> None:
    for name in ("owner", "validator", "riskofficer"):
        client = browser(scene[name])
        for noun, (key, _) in records.items():
            where = f"/admin/validation/{noun.rstrip('/')}/"
            assert client.get(where).status_code == 403
            assert client.get(f"{where}{key}/change/").status_code == 403


def test_the_admin_itself_decides_on_nothing_of_validation() -> None:
    shown = {model: kind for model, kind in office._registry.items() if model._meta.app_label == "validation"}
    assert {model._meta.model_name for model in shown} == {
        "campaign", "certification", "condition", "finding", "hold", "review", "signoff", "submission", "waiver",
    }  # fmt: skip
    for kind in shown.values():
        assert isinstance(kind, Records)
        assert kind.verbs == {}
        assert kind.actions is None
        for right in ("add", "change", "delete", "view", "module"):
            assert f"has_{right}_permission" not in vars(type(kind)), "the rights are those of all records"
