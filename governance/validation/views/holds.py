"""Holds: place one on a system or a release, lift one."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.validation.models import Hold
from governance.validation.services import lift_hold, place_hold
from governance.web.pages import ActionPage
from inventory.models import Release, System

REASON = 2000
PLACED = "The hold is placed: the gate stays closed until another person lifts it."


class SystemHold(ActionPage[System]):
    """Hold a whole system."""

    permission = Permission.SYSTEM_VIEW
    verb = "hold.place"
    fields = frozenset({"reason"})
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.all()

    def act(self) -> HttpResponseBase:
        """Place it."""
        place_hold(actor=self.person, system=self.object, reason=self.text("reason", REASON), door=Door.WEB)
        return self.done(PLACED, reverse("inventory:system_detail", args=[self.object.slug]))


class ReleaseHold(ActionPage[Release]):
    """Hold one release."""

    permission = Permission.SYSTEM_VIEW
    verb = "hold.place"
    fields = frozenset({"reason"})

    def objects(self) -> QuerySet[Release]:
        """Releases."""
        return Release.objects.select_related("system")

    def act(self) -> HttpResponseBase:
        """Place it."""
        reason = self.text("reason", REASON)
        place_hold(actor=self.person, system=self.object.system, release=self.object, reason=reason, door=Door.WEB)
        return self.done(PLACED, reverse("inventory:release_detail", args=[self.object.pk]))


class HoldLift(ActionPage[Hold]):
    """Lift a hold."""

    permission = Permission.SYSTEM_VIEW
    verb = "hold.lift"
    fields = frozenset({"reason"})

    def objects(self) -> QuerySet[Hold]:
        """Holds with their system."""
        return Hold.objects.select_related("system", "release")

    def act(self) -> HttpResponseBase:
        """Lift it."""
        hold = lift_hold(actor=self.person, hold=self.object, reason=self.text("reason", REASON), door=Door.WEB)
        if hold.release_id:
            return self.done("The hold is lifted.", reverse("inventory:release_detail", args=[hold.release_id]))
        return self.done("The hold is lifted.", reverse("inventory:system_detail", args=[self.object.system.slug]))
