"""Signing in: who gets in, what everybody else reads, and how guessing is stopped at every entry."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django.asserts import assertContains

from governance.access import limiter
from governance.access.models import PASSWORD_FIELDS, User
from governance.access.reauthentication import confirm_password
from governance.access.services.people import change_person, close_account, create_person
from governance.access.sources import source_of
from governance.database.clock import portal_now
from governance.ledger.acting import Door, acting
from tests.clocks import Clock
from tests.governance.access.people import PASSWORD, TEST, person

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
CHANGE = "/accounts/password/change/"
NEW = "an entirely different phrase 7"


def sign_in(client: Client, login: str = "ada", password: str = PASSWORD, **extra: Any) -> HttpResponse:
    return client.post(LOGIN, {"login": login, "password": password}, **extra)  # type: ignore[return-value]


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def text_of(response: HttpResponse) -> str:
    """The page without what differs from request to request, and without what was typed."""
    body = re.sub(r'(csrfmiddlewaretoken" value|name="login"[^>]*value|value)="[^"]*"', "", response.content.decode())
    return re.sub(r'nonce="[^"]*"|data-request[^ >]*', "", body)


@pytest.fixture
def ada() -> User:
    return person("ada")


@pytest.mark.parametrize("login", ["ada", "ADA", "ada@example.com", "Ada@Example.com"])
def test_a_person_signs_in_by_name_or_address(client: Client, ada: User, login: str) -> None:
    response = sign_in(client, login)
    assert response.status_code == 302
    assert response.headers["Location"] == "/"
    assert signed_in(client)


def test_unknown_names_wrong_passwords_and_closed_accounts_read_the_same(client: Client, ada: User) -> None:
    inactive = person("ina", is_active=False)
    closed = person("clo", is_active=False, closed_at=portal_now())
    answers = [
        sign_in(client, "nobody"),
        sign_in(client, ada.username, "wrong password"),
        sign_in(client, inactive.username),
        sign_in(client, closed.username),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({text_of(answer) for answer in answers}) == 1
    assert not signed_in(client)


def test_five_wrong_tries_lock_the_account_from_there_for_a_while(client: Client, ada: User, clock: Clock) -> None:
    for _ in range(4):
        assert sign_in(client, password="wrong password").status_code == 200
    assert sign_in(client, password="wrong password").status_code == 429
    locked = sign_in(client)
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == "900"
    assert not signed_in(client)
    clock.move(timedelta(minutes=14))
    assert sign_in(client).status_code == 429
    clock.move(timedelta(minutes=1))
    assert sign_in(client).status_code == 302


def test_a_lock_reads_the_same_for_accounts_that_do_not_exist(client: Client, ada: User) -> None:
    answers = []
    for login in ("ada", "nobody"):
        for _ in range(5):
            last = sign_in(client, login, "wrong password")
        answers.append((last.status_code, text_of(last)))
    assert answers[0] == answers[1]


def test_address_and_name_count_as_one_account(client: Client, ada: User) -> None:
    for login in ("ada", "ada@example.com", "ADA", "Ada@example.com"):
        sign_in(client, login, "wrong password")
    assert sign_in(client, "ada", "wrong password").status_code == 429


def test_a_lock_from_one_place_does_not_keep_the_person_out_elsewhere(client: Client, ada: User) -> None:
    for _ in range(5):
        sign_in(client, password="wrong password", REMOTE_ADDR="203.0.113.7")
    assert sign_in(client, REMOTE_ADDR="203.0.113.7").status_code == 429
    assert sign_in(client, REMOTE_ADDR="198.51.100.1").status_code == 302


def test_guessing_one_account_from_many_places_is_stopped_except_where_it_is_known(client: Client, ada: User) -> None:
    assert sign_in(client, REMOTE_ADDR="198.51.100.1").status_code == 302
    client.logout()
    for number in range(50):
        sign_in(client, password="wrong password", REMOTE_ADDR=f"203.0.113.{number}")
    assert sign_in(client, REMOTE_ADDR="203.0.113.200").status_code == 429
    assert sign_in(client, REMOTE_ADDR="198.51.100.1").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "named", "source"),
    [
        (0, "203.0.113.7", "10.0.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (1, "", "10.0.0.9"),
        (1, "203.0.113.7, made up", "10.0.0.9"),
        (2, "198.51.100.1, 203.0.113.7, 10.0.0.8", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.9"),
    ],
)
def test_a_visitor_cannot_write_where_he_comes_from(settings: Any, proxies: int, named: str, source: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=named)
    assert source_of(request) == source


def test_a_made_up_source_does_not_start_the_count_again(client: Client, ada: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        answer = sign_in(client, password="wrong password", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}, 203.0.113.7")
    assert answer.status_code == 429


def test_trying_many_accounts_from_one_place_is_stopped(client: Client, ada: User) -> None:
    for number in range(50):
        sign_in(client, f"guess{number}", "wrong password")
    assert sign_in(client).status_code == 429


def test_what_was_typed_is_kept_nowhere(client: Client, ada: User) -> None:
    for _ in range(2):
        sign_in(client, password="canary-9f2c wrong")
    assert "canary" not in str(list(AccessAttempt.objects.values()))


def test_signing_in_gives_the_session_a_new_key(client: Client, ada: User) -> None:
    client.get(LOGIN)
    session = client.session
    session["kept"] = True
    session.save()
    before = str(session.session_key)
    client.cookies["sessionid"] = before
    sign_in(client)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_changing_the_password_ends_the_other_sessions(ada: User) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here)
    sign_in(elsewhere)
    before = here.session.session_key
    answer = here.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert answer.status_code == 302
    assert here.session.session_key != before
    assert here.get(CHANGE).status_code == 200
    assert elsewhere.get(CHANGE).status_code == 302


def test_a_wrong_old_password_counts_and_ends_the_session(client: Client, ada: User) -> None:
    sign_in(client)
    answers = [
        client.post(CHANGE, {"oldpassword": "wrong", "password1": NEW, "password2": NEW}).status_code for _ in range(5)
    ]
    assert answers == [200, 200, 200, 200, 429]
    assert not signed_in(client)
    assert sign_in(client).status_code == 429


def test_wrong_passwords_when_asked_again_count_too(client: Client, ada: User) -> None:
    sign_in(client)
    answers = [client.post("/accounts/reauthenticate/", {"password": "wrong"}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]


@pytest.mark.parametrize("weak", ["short", "password1234", "123456789012", "ada-example-com"])
def test_a_weak_new_password_is_refused(client: Client, ada: User, weak: str) -> None:
    sign_in(client)
    answer = client.post(CHANGE, {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    assert answer.status_code == 200
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_the_password_at_a_sign_off_counts_like_one_at_sign_in(ada: User) -> None:
    client = Client()
    sign_in(client)
    request = RequestFactory().post("/reviews/1/sign-off/")
    request.user = ada
    request.session = client.session
    assert confirm_password(request, PASSWORD)
    assert not confirm_password(request, "")
    other = person("other")
    with acting(TEST, door=Door.COMMAND, verb="person.change"):
        other.set_password(NEW)
        other.save(update_fields=PASSWORD_FIELDS)
    assert not confirm_password(request, NEW)  # somebody else's
    for _ in range(4):
        assert not confirm_password(request, "wrong password")
    assert request.axes_locked_out  # type: ignore[attr-defined]
    assert request.session.is_empty()
    assert not confirm_password(request, PASSWORD)


def test_an_account_closed_during_a_session_is_out_with_the_next_request(client: Client, ada: User) -> None:
    sign_in(client)
    assert client.get(CHANGE).status_code == 200
    with acting(TEST, door=Door.COMMAND, verb="person.close"):
        User.objects.filter(pk=ada.pk).update(is_active=False)
    assert client.get(CHANGE).status_code == 302


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example/",
     "javascript:alert(1)", "/\\evil.example", "%2f%2fevil.example", "/ok\r\nSet-Cookie:x=1"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(client: Client, ada: User, target: str) -> None:
    answer = client.post(LOGIN, {"login": "ada", "password": PASSWORD, "next": target})
    location = answer.headers["Location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "Set-Cookie" not in location


def test_one_comes_back_to_where_one_was_going(client: Client, ada: User) -> None:
    answer = client.post(LOGIN, {"login": "ada", "password": PASSWORD, "next": "/tokens/"})
    assert answer.headers["Location"] == "/tokens/"


@pytest.mark.parametrize("page", ["signup", "email", "password/set", "inactive"])
def test_nobody_registers_or_changes_their_address(client: Client, ada: User, page: str) -> None:
    assert client.get(f"/accounts/{page}/").status_code == 404
    sign_in(client)
    assert client.post(f"/accounts/{page}/", {"email": "x@example.com"}).status_code == 404


def code_for(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def test_a_second_factor_is_asked_for_and_its_codes_are_limited(client: Client, ada: User, clock: Clock) -> None:
    secret = generate_totp_secret()
    with acting(ada, door=Door.WEB, verb="person.change_second_factor"):
        TOTP.activate(ada, secret)
    answer = sign_in(client)
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert not signed_in(client)
    codes = [client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 200, 429]
    assert client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)}).status_code == 429
    assert not signed_in(client)
    clock.move(timedelta(minutes=15))
    assert client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)}).status_code == 302
    assert signed_in(client)


def test_a_code_of_a_device_serves_once_in_whichever_process(client: Client, ada: User) -> None:
    secret = generate_totp_secret()
    with acting(ada, door=Door.WEB, verb="person.change_second_factor"):
        TOTP.activate(ada, secret)
    sign_in(client)
    code = code_for(secret)
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    cache.clear()  # another process remembers nothing of it
    elsewhere = Client()
    sign_in(elsewhere)
    assertContains(elsewhere.post("/accounts/2fa/authenticate/", {"code": code}), "This code served already.")
    assert not signed_in(elsewhere)
    cache.clear()
    client.post("/accounts/2fa/reauthenticate/", {"code": code})
    assert not any(each.get("reauthenticated") for each in client.session["account_authentication_methods"])


def test_a_recovery_code_stands_in_for_the_second_factor_once(ada: User) -> None:
    with acting(ada, door=Door.WEB, verb="person.change_second_factor"):
        TOTP.activate(ada, generate_totp_secret())
        code = RecoveryCodes.activate(ada).get_unused_codes()[0]
    for expected in (302, 200):
        client = Client()
        sign_in(client)
        assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == expected


@pytest.mark.django_db(transaction=True)
def test_a_new_second_factor_ends_the_other_sessions(ada: User) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here)
    sign_in(elsewhere)
    assert here.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    page = here.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    secret = here.session["mfa.totp.secret"]
    assert here.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)}).status_code == 302
    assert here.get(CHANGE).status_code == 200
    assert elsewhere.get(CHANGE).status_code == 302


def test_the_reset_page_does_not_say_who_has_an_account(client: Client, ada: User, mailoutbox: list[Any]) -> None:
    answers = [client.post("/accounts/password/reset/", {"email": f"{name}@example.com"}) for name in ("ada", "nobody")]
    assert {answer.status_code for answer in answers} == {302}
    assert [mail.to for mail in mailoutbox] == [["ada@example.com"]]


def test_an_address_somebody_else_wrote_down_opens_no_way_in_until_its_owner_chose_a_password(
    client: Client, ada: User, mailoutbox: list[Any]
) -> None:
    sign_in(client)
    change_person(actor=TEST, person=ada, email="mallory@example.com")
    Client().post("/accounts/password/reset/", {"email": "mallory@example.com"})
    assert not mailoutbox
    sign_in(Client())  # as every day, without a look at the address
    Client().post("/accounts/password/reset/", {"email": "mallory@example.com"})
    assert not mailoutbox
    new = "quite another horse battery"
    client.post(CHANGE, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    Client().post("/accounts/password/reset/", {"email": "mallory@example.com"})
    assert [mail.to for mail in mailoutbox if "/password/reset/key/" in mail.body] == [["mallory@example.com"]]


def test_who_was_never_here_is_sent_the_way_in_even_to_a_corrected_address(
    client: Client, ada: User, mailoutbox: list[Any]
) -> None:
    change_person(actor=TEST, person=ada, email="ada.l@example.com")
    client.post("/accounts/password/reset/", {"email": "ada.l@example.com"})
    assert not mailoutbox  # a password was set for this account: somebody has used it or will
    newcomer = create_person(actor=TEST, username="grace", name="Grace", email="grcae@example.com")
    change_person(actor=TEST, person=newcomer, email="grace@example.com")
    client.post("/accounts/password/reset/", {"email": "grace@example.com"})
    assert [mail.to for mail in mailoutbox] == [["grace@example.com"]]


def test_a_failure_is_forgotten_after_the_right_password(client: Client, ada: User) -> None:
    for _ in range(3):
        for _ in range(4):
            sign_in(client, password="wrong password")
        assert sign_in(client).status_code == 302
        client.logout()


def test_the_limit_is_one_number(settings: Any) -> None:
    assert limiter.limit() == settings.AXES_FAILURE_LIMIT == 5


def test_a_reset_link_dies_with_the_account(client: Client, ada: User, mailoutbox: list[Any]) -> None:
    client.post("/accounts/password/reset/", {"email": "ada@example.com"})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    close_account(actor=TEST, person=ada, reason="Left.")
    page = client.get(link[link.index("/accounts/") :], follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    ada.refresh_from_db()
    assert not ada.check_password(NEW)
    client.post("/accounts/password/reset/", {"email": "ada@example.com"})
    assert len(mailoutbox) == 1


def test_a_closed_account_has_no_way_in_at_all(client: Client, ada: User) -> None:
    sign_in(client)
    close_account(actor=TEST, person=ada, reason="Left.")
    assert client.get(CHANGE).status_code == 302
    assert sign_in(Client()).status_code == 200
    ada.refresh_from_db()
    assert not ada.has_usable_password()
