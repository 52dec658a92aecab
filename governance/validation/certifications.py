"""Named reads of campaigns and certifications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.database.clock import PortalNow
from governance.lifecycle import Offer
from governance.validation.lifecycle import CERTIFICATION, CertificationFacts
from governance.validation.models import Campaign, Certification
from governance.web.slots import Sign
from inventory.models import System

State = Certification.State


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign has come among the systems somebody sees."""

    asked: int = 0
    certified: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.asked + self.certified + self.refused


def campaigns() -> QuerySet[Campaign]:
    """Campaigns with their people."""
    return Campaign.objects.select_related("unit", "started_by", "ended_by")


def certifications() -> QuerySet[Certification]:
    """Certifications with what is shown of them."""
    return Certification.objects.select_related("campaign", "system", "decided_by").defer("system__search")


def open_ones() -> QuerySet[Certification]:
    """What is asked for or was refused, and no later certification of the same system has settled."""
    later = Certification.objects.filter(
        system=OuterRef("system"), state=State.CERTIFIED,
        decided_at__gt=Coalesce(OuterRef("decided_at"), OuterRef("campaign__due")),
    )  # fmt: skip
    standing = Q(state=State.REFUSED) | Q(state=State.ASKED, campaign__ended_at=None)
    return certifications().filter(standing, ~Exists(later)).order_by("campaign__due", "pk")


def amiss() -> QuerySet[Certification]:
    """Of these, what tells against the record: refused, or not answered by the day."""
    return open_ones().filter(Q(state=State.REFUSED) | Q(campaign__due__lte=PortalNow()))


def last_certified(system: System) -> Certification | None:
    """The newest statement that the record of the system is right."""
    return certifications().filter(system=system, state=State.CERTIFIED).order_by("-decided_at").first()


def standing(one: Certification, now: datetime) -> tuple[str, str]:
    """The colour word and the words of where a certification stands at an instant."""
    if one.state == State.ASKED and one.campaign.ended_at is not None:
        return "ended", "No longer asked for"
    if one.state == State.ASKED and one.campaign.due <= now:
        return "overdue", "Lapsed"
    return one.state, one.get_state_display()


def signs(systems: Sequence[int]) -> dict[int, Sign]:
    """What the list of systems shows beside those whose record is not certified."""
    found: dict[int, Sign] = {}
    for one in amiss().filter(system__in=systems):
        words = "Record wrong" if one.state == State.REFUSED else "Not certified"
        found.setdefault(
            one.system_id, Sign("overdue", words, reverse("validation:certification_detail", args=[one.pk]))
        )
    return found


def progress(person: User, of: Iterable[Campaign]) -> dict[int, Progress]:
    """How far each campaign has come, in one statement, counting systems this person sees."""
    keys = [campaign.pk for campaign in of]
    seen = rights.visible(person, Certification.objects.filter(campaign__in=keys)).order_by()
    counted = seen.values("campaign").annotate(**{state: Count("pk", Q(state=state)) for state in State.values})
    found: dict[int, Progress] = {}
    for row in counted:
        numbers: Mapping[str, Any] = row
        found[numbers["campaign"]] = Progress(*(numbers[state] for state in State.values))
    return {key: found.get(key, Progress()) for key in keys}


def facts_of(certification: Certification, *, shown: bool = True) -> CertificationFacts:
    """What the machine is told of it. What was refused can be mended after the campaign, too."""
    waits = certification.campaign.ended_at is None or certification.state == State.REFUSED
    return CertificationFacts(shown=shown, asked=waits)


def certification_offers(person: User, certification: Certification) -> tuple[Offer, ...]:
    """What this person could do about a certification."""
    allowed = rights.permissions_of(person, certification)
    return CERTIFICATION.offered(certification.state, allowed=allowed, facts=facts_of(certification))
