"""The same creation twice has one effect and one answer."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse

from inventory.models import Release
from tests.clocks import Clock
from tests.inventory.scene import Scene, build
from tests.rest import Caller, good, problem

WHERE = "systems/scorer/releases/"
GIVEN = {"version": "1.0"}


@pytest.fixture
def scene(db: None) -> Scene:
    return build()


def test_a_repeated_creation_gives_the_same_answer(scene: Scene) -> None:
    caller = Caller(scene.developer)
    first, second = (caller.post(WHERE, GIVEN, Idempotency_Key="k-1") for _ in range(2))
    assert good(first, 201) == good(second, 201)
    assert (first["Location"], first["ETag"]) == (second["Location"], second["ETag"])
    assert Release.objects.count() == 1


def test_a_key_belongs_to_one_person_and_one_request(scene: Scene) -> None:
    good(Caller(scene.developer).post(WHERE, GIVEN, Idempotency_Key="k"), 201)
    problem(Caller(scene.developer).post(WHERE, {"version": "2"}, Idempotency_Key="k"), 409, "idempotency")
    good(Caller(scene.owner).post(WHERE, {"version": "2"}, Idempotency_Key="k"), 201)


def test_a_refused_creation_leaves_its_key_free(scene: Scene) -> None:
    caller = Caller(scene.developer)
    problem(caller.post(WHERE, {"version": ""}, Idempotency_Key="k"), 400)
    good(caller.post(WHERE, GIVEN, Idempotency_Key="other"), 201)
    problem(caller.post(WHERE, GIVEN, Idempotency_Key="k"), 409, "duplicate")
    good(caller.post(WHERE, {"version": "2"}, Idempotency_Key="k"), 201)


def test_a_key_is_forgotten_after_a_day(scene: Scene, clock: Clock) -> None:
    good(Caller(scene.developer).post(WHERE, GIVEN, Idempotency_Key="k"), 201)
    clock.move(timedelta(days=1))
    good(Caller(scene.developer).post(WHERE, {"version": "2"}, Idempotency_Key="k"), 201)


@pytest.mark.parametrize("key", ["a b", "x" * 201, "é"])
def test_a_key_is_a_short_printable_word(scene: Scene, key: str) -> None:
    problem(Caller(scene.developer).post(WHERE, GIVEN, Idempotency_Key=key), 400)


def test_a_key_is_for_creating_only(scene: Scene) -> None:
    answer = Caller(scene.owner).post("systems/scorer/retire/", {}, Idempotency_Key="k")
    assert list(problem(answer, 400)["errors"]) == ["Idempotency-Key"]


@pytest.mark.django_db(transaction=True)
def test_at_once_there_is_still_one_effect_and_one_answer() -> None:
    scene = build()
    answers: list[HttpResponse] = []
    start = threading.Barrier(4, timeout=30)

    def call() -> None:
        caller = Caller(scene.developer)
        start.wait()
        answers.append(caller.post(WHERE, GIVEN, Idempotency_Key="same"))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Release.objects.count() == 1
