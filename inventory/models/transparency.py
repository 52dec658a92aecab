"""What people outside may read about a system: an address, and versions written by one and approved by another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from inventory.models.systems import System

PEOPLE = settings.AUTH_USER_MODEL


class TransparencyPage(models.Model):
    """Where a system is explained to people outside; the address stays as it was chosen."""

    scope = "system"

    system = models.OneToOneField(System, models.PROTECT, related_name="transparency")
    slug = models.SlugField("public address", max_length=120, unique=True)
    created_by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"/transparency/{self.slug}/"


class TransparencyVersion(models.Model):
    """One version. The newest approved one is public, unless it was withdrawn."""

    scope = "page__system"

    page = models.ForeignKey(TransparencyPage, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField("what it is called outside", max_length=200)
    contact = models.CharField("whom people outside ask", max_length=300)
    text = models.TextField()
    written_by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    approved = models.BooleanField(null=True, blank=True)
    decided_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField("why it was decided so", blank=True)
    withdrawn_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal = models.TextField("why it was withdrawn", blank=True)

    class Meta:
        ordering = ["page", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="transparencyversion_once"),
            models.UniqueConstraint(
                fields=["page"], condition=Q(decided_at=None), name="transparencyversion_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(title="") & ~Q(contact=""), name="transparencyversion_says_something"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, approved=None)
                | (
                    Q(decided_at__isnull=False, decided_by__isnull=False, approved__isnull=False)
                    & ~Q(decided_by=F("written_by"))
                ),
                name="transparencyversion_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawal="")
                | (Q(approved=True, withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawal="")),
                name="transparencyversion_withdrawn_once_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page}, version {self.number}"
