"""Addresses from names, and what a vendor service is bound by."""

import pytest

from inventory.rules import free_slug, service_digest, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Fraud scorer", "fraud-scorer"), ("  Überweisung №1 ", "uberweisung-no1"), ("信用", "system"), ("-", "system")],
)
def test_a_name_becomes_an_address(name: str, slug: str) -> None:
    assert slug_of(name, fallback="system") == slug


def test_a_taken_or_reserved_address_gets_a_number() -> None:
    assert free_slug("churn", {"churn", "churn-2"}) == "churn-3"
    assert free_slug("add", set()) == "add-2"


def test_a_service_is_bound_by_its_configuration_and_by_nothing_but_it() -> None:
    described = {"vendor": "Acme", "model_id": "m", "version": "1", "region": "eu"}
    one = service_digest(**described, configuration={"temperature": 0.2, "top": 1.0})
    assert one == service_digest(**described, configuration={"top": 1, "temperature": 0.2})
    assert one != service_digest(**described, configuration={"top": 1, "temperature": 0.3})
    assert one != service_digest(**{**described, "region": "us"}, configuration={"top": 1, "temperature": 0.2})
