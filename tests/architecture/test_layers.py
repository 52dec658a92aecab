"""The order of the applications, in foreign keys as in imports: left never points right."""

from __future__ import annotations

from django.apps import apps
from django.db import models

ORDER = [
    "database", "ledger", "access", "web", "rest", "notify", "policy", "inventory", "validation", "changes",
    "incidents", "gate",
]  # fmt: skip


def test_foreign_keys_point_left() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for label in ORDER
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if field.many_to_one or (field.many_to_many and not field.auto_created)
        if not isinstance(field.related_model, str) and field.related_model is not None
        if field.related_model._meta.app_label in ORDER
        and ORDER.index(field.related_model._meta.app_label) > ORDER.index(label)
    ]
    assert wrong == []


def test_no_foreign_key_of_a_governed_application_cascades_or_forgets() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for label in ORDER
        for model in apps.get_app_config(label).get_models()
        if model._meta.managed
        for field in model._meta.get_fields()
        if field.many_to_one and field.concrete
        if getattr(field.remote_field, "on_delete", None) not in {models.PROTECT, models.DO_NOTHING}
    ]
    assert wrong == []


def test_every_application_of_the_order_is_installed() -> None:
    assert {label for label in ORDER if label in apps.app_configs} == set(ORDER)
