"""Who had a hand in a release does not sign it: every such person at every door, and every door leaves no trace."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands
from django.test import Client

from governance.access.models import Token, User
from governance.access.tokens import fresh_token
from governance.access.vocabulary import Scope
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.ledger.models import Denial
from governance.lifecycle import Refusal
from governance.validation.models import Review
from inventory.models import TokenLimit
from tests.governance.access.people import PASSWORD
from tests.governance.validation.dependence import CASES, Dependent
from tests.governance.validation.scene import build, sign
from tests.governance.validation.test_database_guards import refusal, sign_raw
from tests.rest import Caller, good, problem
from tests.unchanged import nothing_changed

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SIGNATURE = {"decision": "approve", "comment": "Fine.", "password": PASSWORD}
Arranged = tuple[Dependent, User, Review]


@pytest.fixture(params=CASES)
def arranged(request: pytest.FixtureRequest, db: None) -> Arranged:
    """One of the people, before the review they must not sign."""
    case = CASES[request.param]
    person, review = case.arrange(build(quorum=case.quorum))
    return case, User.objects.get(pk=person.pk), review


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_the_page_offers_no_signature_and_says_why(arranged: Arranged) -> None:
    case, person, review = arranged
    with nothing_changed():
        page = browser(person).get(f"/reviews/{review.pk}/")
    assert page.status_code == 200
    assert case.sentence in text_of(page)
    assert 'name="password"' not in text_of(page)
    assert f"/reviews/{review.pk}/sign-off/" not in text_of(page)


@pytest.mark.parametrize("decision", ["approve", "reject", "return"])
def test_the_form_is_refused(arranged: Arranged, decision: str) -> None:
    case, person, review = arranged
    with nothing_changed(denied=case.code):
        answer = browser(person).post(
            f"/reviews/{review.pk}/sign-off/", {**SIGNATURE, "decision": decision, "digest": review.submission.digest}
        )
    assert answer.status_code == case.status
    assert case.sentence in text_of(answer)
    denial = Denial.objects.latest("id")
    assert (denial.actor_id, denial.door, denial.verb) == (person.pk, "web", "review.sign")


def test_the_admin_has_no_such_door(arranged: Arranged) -> None:
    _, person, review = arranged
    signed = {"state": "signed", "decision": "approve", "post": "yes", "action": "sign", "_saveasnew": "1"}
    client, release = browser(person), review.submission.release
    with nothing_changed():
        for model in ("review", "signoff", "submission"):
            where = f"/admin/validation/{model}/"
            for rest in ("add/", f"{review.pk}/change/", f"{review.pk}/delete/"):
                assert client.post(where + rest, signed).status_code == 403
            answer = client.post(f"{where}{review.pk}/sign/", signed, follow=True)
            assert answer.redirect_chain == [] or answer.resolver_match.url_name == "index", "no such address"
            assert client.post(where, {**signed, "_selected_action": review.pk}).status_code in {200, 403, 405}
        for verb in ("change", "delete"):
            answer = client.post(f"/admin/inventory/release/{release.pk}/{verb}/", {**signed, "state": "approved"})
            assert answer.status_code == 403
        for verb in ("approve", "sign"):
            answer = client.post(f"/admin/inventory/release/{release.pk}/{verb}/", signed, follow=True)
            assert answer.redirect_chain == [] or answer.resolver_match.url_name == "index", "no such address"
        answer = client.post("/admin/inventory/release/", {**signed, "_selected_action": release.pk})
        assert answer.status_code in {200, 403, 405}


def shut(caller: Caller, review: Review, csrf: str) -> None:
    """The API knows no address that signs, whoever asks."""
    body = {**SIGNATURE, "digest": review.submission.digest}
    for address in (f"reviews/{review.pk}/sign-off/", f"reviews/{review.pk}/sign/", f"reviews/{review.pk}/approve/"):
        assert caller.post(address, body, X_CSRFToken=csrf).status_code == 404, address
    assert caller.post(f"releases/{review.submission.release_id}/approve/", {}, X_CSRFToken=csrf).status_code == 404
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for address in ("reviews/", f"reviews/{review.pk}/"):
            assert caller.call(method, address, body, X_CSRFToken=csrf).status_code in {403, 404, 405}, (
                method,
                address,
            )


def test_the_api_offers_no_signature_and_says_why(arranged: Arranged) -> None:
    case, person, review = arranged
    caller = Caller(person, csrf=True)
    caller.client.get("/")
    csrf = caller.client.cookies["csrftoken"].value
    with nothing_changed():
        offers = {one["verb"]: one["reasons"] for one in good(caller.get(f"reviews/{review.pk}/"))["offers"]}
        assert {verb: reasons[0]["code"] for verb, reasons in offers.items()} == dict.fromkeys(
            ("sign", "reject", "return"), case.code
        )
        assert case.sentence in offers["sign"][0]["text"]
        shut(caller, review, csrf)
        problem(caller.post(f"reviews/{review.pk}/", SIGNATURE, X_CSRFToken=csrf), 405)


def token_of(person: User, review: Review) -> str:
    """A token with every scope that somebody got hold of for their own machine."""
    fresh, now = fresh_token(), portal_now()
    with acting(Command("test"), door=Door.COMMAND, verb="token.create"):
        machine = User(username="machine-of-theirs", name="own", kind=User.Kind.MACHINE, sponsor=person)
        machine.set_unusable_password()
        machine.save(force_insert=True)
        token = Token.objects.create(
            digest=fresh.digest, token_key=fresh.key, user=machine, minted_by=person, name="own", scopes=list(Scope),
            created=now, expiry=now + timedelta(days=1),
        )  # fmt: skip
        TokenLimit.objects.create(token=token, system=review.submission.release.system)
    return fresh.text


def test_a_token_reaches_no_signature(arranged: Arranged) -> None:
    _, person, review = arranged
    text = token_of(person, review)
    with nothing_changed():
        shut(Caller(token=text), review, "")
        page = Client().post(
            f"/reviews/{review.pk}/sign-off/", {**SIGNATURE, "digest": review.submission.digest},
            headers={"Authorization": f"Bearer {text}"},
        )  # fmt: skip
        assert (page.status_code, page["Location"].split("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize("door", Door)
def test_the_service_refuses_whatever_door_a_shell_names(arranged: Arranged, door: Door) -> None:
    case, person, review = arranged
    told = case.code if door is Door.WEB else "forbidden"
    with nothing_changed(denied=told), pytest.raises(Refusal) as refused:
        sign(person, review, door=door)
    assert refused.value.code == told
    if case.status == 403:
        assert case.code in {reason.code for reason in refused.value.reasons}


def test_no_command_signs() -> None:
    """No command of the portal calls the service; what the demonstration tells, it tells in a database of its own."""
    ours = {name: app for name, app in get_commands().items() if app.startswith(("governance", "inventory", "inc"))}
    assert {"bootstrap", "create_token", "import_inventory", "serve"} <= set(ours)
    for name, app in ours.items():
        source = find_spec(f"{app}.management.commands.{name}")
        assert source is not None
        assert source.origin is not None
        assert "sign_off" not in Path(source.origin).read_text(), name


def test_the_database_refuses_them_in_their_own_name(arranged: Arranged) -> None:
    case, person, review = arranged
    with nothing_changed():
        assert refusal(lambda: sign_raw(person, review)) == case.constraint
