"""How long a failed sign-in takes, whatever is wrong with it."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from tests.governance.access.people import person

SLOW_ENOUGH = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]


@pytest.mark.races
@pytest.mark.django_db
def test_failed_sign_ins_take_the_same_time(settings: Any, race_count: int) -> None:
    settings.PASSWORD_HASHERS = SLOW_ENOUGH
    settings.AXES_FAILURE_LIMIT = 10**9
    person("ada")
    person("ina", is_active=False)
    client = Client()
    tries = {"unknown": "nobody", "wrong": "ada", "inactive": "ina"}
    took: dict[str, list[float]] = {name: [] for name in tries}
    for _ in range(min(max(race_count, 10), 100)):
        for name, login in tries.items():
            begun = time.perf_counter()
            answer = client.post("/accounts/login/", {"login": login, "password": "wrong password"})
            took[name].append(time.perf_counter() - begun)
            assert answer.status_code == 200
    medians = {name: statistics.median(values) for name, values in took.items()}
    assert max(medians.values()) < min(medians.values()) * 1.25, medians  # hashing twice, or not at all, would show
    assert User.objects.count() == 2
