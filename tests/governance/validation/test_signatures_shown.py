"""A signature is shown whole wherever the decision is shown: readable on paper and on a phone, without a tooltip."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.validation.models import SignOff
from inventory.models import Assignment
from inventory.services.delegations import delegate
from tests.governance.access.people import appoint
from tests.governance.validation.scene import Scene, review_of, sign
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, good

pytestmark = pytest.mark.django_db
PLACES = {
    "review": ("/reviews/{0.review_id}/", '<section class="card" aria-label="Signatures">(.*?)</section>'),
    "release": ("/releases/{0.submission.release_id}/", '<section class="card" aria-label="Reviews">(.*?)</section>'),
    "certificate": ("/submissions/{0.submission_id}/certificate/", "<article(.*?)</article>"),
}
DECISIONS = [
    (SignOff.Decision.APPROVE, "Approve"), (SignOff.Decision.REJECT, "Reject"), (SignOff.Decision.RETURN, "Return"),
]  # fmt: skip


def shown(scene: Scene, signed: SignOff, place: str) -> str:
    """What a reader sees of it there: text only, nothing that stands in an attribute."""
    address, where = PLACES[place]
    page = browser(scene["viewer"]).get(address.format(signed)).content.decode()
    found = re.search(where, page, re.DOTALL)
    assert found is not None
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", found[1])).split())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("decision", "said"), DECISIONS)
def test_each_place_shows_the_whole_signature(scene: Scene, place: str, decision: str, said: str) -> None:
    signed = sign(scene["validator"], review_of(scene.submitted(), Role.VALIDATOR), decision)
    text = shown(scene, signed, place)
    for words in (
        f"Validator {said}" if place != "certificate" else said,
        signed.meaning,
        f"{signed.signed_at:%Y-%m-%d %H:%M:%S} UTC",
        signed.digest,
        "confirmed by password",
        "not a qualified electronic signature",
    ):
        assert words in text
    assert ("Was asked to state, and does not:" in text) == (decision != SignOff.Decision.APPROVE)


@pytest.mark.parametrize("place", PLACES)
def test_each_place_says_on_whose_behalf_it_was_signed(scene: Scene, place: str) -> None:
    role = Assignment.objects.get(person=scene["validator"], role=Role.VALIDATOR)
    appoint(scene["outsider"], Role.VIEWER, unit=scene.unit)
    until = portal_now() + timedelta(days=7)
    lent = delegate(actor=scene["validator"], assignment=role, person=scene["outsider"], until=until)
    signed = sign(scene["outsider"], review_of(scene.submitted(), Role.VALIDATOR))
    assert f"on behalf of Validator under delegation {lent.pk}" in shown(scene, signed, place)


def test_programs_are_told_how_the_signer_proved_who_they_are(scene: Scene) -> None:
    signed = sign(scene["validator"], review_of(scene.submitted(), Role.VALIDATOR))
    (told,) = good(Caller(scene["viewer"]).get(f"reviews/{signed.review_id}/"))["sign_offs"]
    assert (told["authenticated_by"], told["meaning"], told["digest"]) == ("password", signed.meaning, signed.digest)


def test_the_page_of_a_system_says_to_the_second_and_with_its_zone_who_checked_it_last(scene: Scene) -> None:
    signed = sign(scene["validator"], review_of(scene.submitted(), Role.VALIDATOR), SignOff.Decision.RETURN)
    page = browser(scene["viewer"]).get(f"/systems/{scene.system.slug}/").content.decode()
    assert f"{signed.signed_at:%Y-%m-%d %H:%M:%S} UTC by Validator: technical validation of" in page
