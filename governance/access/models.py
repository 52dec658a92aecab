"""People and machines."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class User(AbstractUser):
    """A person, or a machine that acts for a person (its sponsor). Closed, never deleted."""

    class Kind(models.TextChoices):
        """Who stands behind an account."""

        HUMAN = "human", "Person"
        MACHINE = "machine", "Machine"

    class Theme(models.TextChoices):
        """The person's choice of colours."""

        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("printed name", max_length=150)
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.HUMAN)
    sponsor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="sponsored",
        help_text="The person who answers for a machine.",
    )  # fmt: skip
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.LIGHT)
    salt = models.UUIDField(default=uuid.uuid4, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=500, blank=True)

    REQUIRED_FIELDS = ["email", "name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="user_email_once",
                violation_error_message="Another account has this e-mail address.",
            ),
            models.UniqueConstraint(Lower("username"), name="user_username_once"),
            models.CheckConstraint(
                condition=models.Q(kind="human", sponsor=None) | models.Q(kind="machine", sponsor__isnull=False),
                name="user_machine_has_sponsor",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(is_active=False), name="user_closed_is_inactive"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The printed name, as it stands on sign-offs."""
        return self.name or self.username

    def get_short_name(self) -> str:
        """The same: people choose how they are addressed."""
        return self.get_full_name()
