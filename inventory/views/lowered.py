"""Lowered tiers on pages: the list, one decision, and a form for each thing done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force, rules
from governance.web.pages import DetailPage, ListPage, ObjectFormPage
from inventory.lowered import lowered_rows, narrow
from inventory.lowered_forms import LoweredFilters, ProposeForm
from inventory.models import LoweredTier, Release, System
from inventory.services.lowering import LOWERED_DECISIONS, lower_tiers, move_lowered, propose_lower_tier
from inventory.views.by_two import VerbPage, buttons

LABELS = {
    "grant": "Lower the tier",
    "refuse": "Refuse",
    "withdraw": "Withdraw the proposal",
    "end": "Go back to the tier of the answers",
    "revoke": "Take the decision back",
}
# Who may end a decision in one way is not shown the other.
ALIKE = frozenset({"end", "revoke"})


def address(lowered: LoweredTier) -> str:
    """Where a decision's page is."""
    return reverse("inventory:lowered_detail", args=[lowered.pk])


def tier_titles() -> dict[str, str]:
    """The title of each tier of the policy in force."""
    pack = pack_in_force()
    return {tier.id: tier.title for tier in rules(pack).document.tiers.order} if pack else {}


class LoweredList(ListPage[LoweredTier]):
    """Proposals and decisions on systems the person may see."""

    permission = Permission.SYSTEM_VIEW
    template_name = "inventory/lowered_list.html"
    filter_class = LoweredFilters
    orders = {"newest": ("-id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[LoweredTier]:
        """Decisions with what the list shows of them."""
        return lowered_rows()

    def narrow(self, rows: QuerySet[LoweredTier], wanted: Mapping[str, Any]) -> QuerySet[LoweredTier]:
        """The declared filters."""
        return narrow(rows, wanted)

    def context(self) -> dict[str, Any]:
        """Adds the words of the policy and the portal's present."""
        return {**super().context(), "titles": tier_titles(), "now": portal_now()}


class LoweredDetail(DetailPage[LoweredTier]):
    """One decision: from which tier to which, why, by whom, until when, and which approvals it touches."""

    permission = Permission.SYSTEM_VIEW
    template_name = "inventory/lowered.html"

    def objects(self) -> QuerySet[LoweredTier]:
        """Decisions with everything shown of them."""
        return lowered_rows()

    def context(self) -> dict[str, Any]:
        """Adds the verbs, the words of the policy and the releases whose approval would have to be renewed."""
        lowered, titles = self.object, tier_titles()
        approved = Release.objects.filter(system=lowered.system_id, state=Release.State.APPROVED).order_by("id")
        return {
            **super().context(), "lowered": lowered, "system": lowered.system, "now": portal_now(),
            "from_title": titles.get(lowered.from_tier, lowered.from_tier),
            "to_title": titles.get(lowered.to_tier, lowered.to_tier),
            "approved": approved if lowered.state == LoweredTier.State.PROPOSED else approved.none(),
            "verbs": buttons(lowered, LOWERED_DECISIONS.offers(lowered, self.person), LABELS, "lowered", ALIKE),
        }  # fmt: skip


class LoweredPropose(ObjectFormPage[System]):
    """Propose to hold a system to a lower tier than its answers come to."""

    permission = Permission.SYSTEM_CHANGE
    verb = "tier.propose"
    template_name = "web/form.html"
    form_class = ProposeForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def form_arguments(self) -> dict[str, Any]:
        """The tiers below the one the answers come to."""
        return {"tiers": lower_tiers(self.object)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        back = f"{reverse('inventory:system_detail', args=[self.object.slug])}?tab=tier"
        lead = (
            "Somebody independent decides. When the lower tier is granted, approvals given in the higher one have to "
            "be renewed, because they speak of another tier."
        )
        words = {"heading": "Propose a lower tier", "pretitle": self.object.name, "cancel": back, "lead": lead}
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Propose it and show the proposal."""
        lowered = propose_lower_tier(actor=self.person, system=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done("The lower tier is proposed. A risk officer decides.", address(lowered))


class LoweredVerb(VerbPage[LoweredTier], abstract=True):
    """One thing done about a lowered tier."""

    decisions, rows, move = LOWERED_DECISIONS, lowered_rows, move_lowered
    noun, page, labels = "lowered", "lowered", LABELS


class LoweredGrant(LoweredVerb):
    """Hold the system to the lower tier."""

    verb, message = "tier.grant", "The tier is lowered. Approvals given in the higher tier have to be renewed."


class LoweredRefuse(LoweredVerb):
    """Refuse it."""

    verb, message = "tier.refuse", "The lower tier is refused."


class LoweredWithdraw(LoweredVerb):
    """Take one's own proposal back."""

    verb, message = "tier.withdraw", "The proposal is withdrawn."


class LoweredEnd(LoweredVerb):
    """Go back to the tier the answers come to."""

    verb, message = "tier.end", "The tier the answers come to counts again."


class LoweredRevoke(LoweredVerb):
    """Take the decision back."""

    verb, message = "tier.revoke", "The tier the answers come to counts again."
