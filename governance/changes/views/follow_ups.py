"""Work that follows by itself: the list, the page of one, and what is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import reverse

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.changes import forms as shapes
from governance.changes import queries, services
from governance.changes.models import FollowUp
from governance.ledger import queries as ledger
from governance.ledger.acting import Door
from governance.validation.views.verbs import VerbPage
from governance.web.pages import DetailPage, ListPage
from inventory.dependencies import assets_for
from inventory.models import System

LABELS = {"finish": "It is done", "drop": "It need not be done", "hand_over": "Hand it over"}


class ListFilter(forms.Form):
    """Which follow-up work."""

    state = forms.ChoiceField(choices=[("", "Open"), ("all", "Every state"), *FollowUp.State.choices], required=False)
    cause = forms.ChoiceField(choices=[("", "Every cause"), *FollowUp.Cause.choices], required=False)
    mine = forms.ChoiceField(label="For whom", choices=[("", "Everybody"), ("yes", "Me")], required=False)
    system = forms.CharField(required=False, max_length=120, label="System (its slug)")
    asset = forms.CharField(required=False, max_length=120, label="Asset (its slug)")
    pack = forms.IntegerField(required=False, min_value=1, max_value=2**31, label="Policy (its number)")


class FollowUpList(ListPage[FollowUp]):
    """Everything that has to be followed up on systems a person may see, the newest first."""

    permission = Permission.SYSTEM_VIEW
    template_name = "changes/follow_up_list.html"
    filter_class = ListFilter
    orders = {"newest": ("-id",), "oldest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[FollowUp]:
        """With what the list shows of them."""
        return queries.follow_ups()

    def narrow(self, rows: QuerySet[FollowUp], wanted: Mapping[str, Any]) -> QuerySet[FollowUp]:
        """By state, cause, person, system, asset and policy; the open ones unless asked otherwise."""
        if wanted["state"] != "all":
            rows = rows.filter(state=wanted["state"] or FollowUp.State.OPEN)
        if wanted["mine"]:
            rows = rows.filter(owner=self.person)
        for name, path in (("cause", "cause"), ("system", "system__slug"), ("asset", "asset__slug"), ("pack", "pack")):
            if wanted[name]:
                rows = rows.filter(**{path: wanted[name]})
        return rows


class FollowUpPage(DetailPage[FollowUp]):
    """What is to be done, why, by whom, until when; and what this person can do."""

    permission = Permission.SYSTEM_VIEW
    template_name = "changes/follow_up.html"

    def objects(self) -> QuerySet[FollowUp]:
        """With everything shown of them."""
        return queries.follow_ups()

    def context(self) -> dict[str, Any]:
        """Adds the buttons and the timeline; an asset is linked for those who may see it."""
        found = self.object
        offers = queries.follow_up_offers(self.person, found)
        buttons = [
            {"label": LABELS[offer.verb], "href": reverse(f"changes:follow_up_{offer.verb}", args=[found.pk]),
             "reasons": offer.reasons}
            for offer in sorted(offers, key=lambda offer: list(LABELS).index(offer.verb))
            if not {"forbidden", "state"} & {reason.code for reason in offer.reasons}
        ]  # fmt: skip
        seen = found.asset_id and assets_for(self.person).filter(pk=found.asset_id).exists()
        may_ask = rights.can(self.person, Permission.CHANGE_RAISE, found.system)
        return {
            **super().context(), "follow_up": found, "system": found.system, "verbs": buttons,
            "asset": found.asset if seen else None, "timeline": ledger.told(queries.events_of_follow_up(found)),
            "may_ask": may_ask and found.state == FollowUp.State.OPEN,
        }  # fmt: skip


class FollowUpVerb(VerbPage[FollowUp], abstract=True):
    """One thing done about follow-up work."""

    template_name = "web/form.html"
    form_class: ClassVar[type[forms.BaseForm]] = shapes.NoteForm

    def objects(self) -> QuerySet[FollowUp]:
        """With their system."""
        return FollowUp.objects.select_related("system")

    def back(self) -> str:
        """Its page."""
        return reverse("changes:follow_up_detail", args=[self.object.pk])


class FollowUpFinish(FollowUpVerb):
    """Say that it is done."""

    verb, label, message = "follow_up.finish", LABELS["finish"], "The work is done."

    def do(self, values: dict[str, Any]) -> None:
        """Finish it."""
        services.finish_follow_up(actor=self.person, follow_up=self.object, door=Door.WEB, **values)


class FollowUpDrop(FollowUpVerb):
    """Say that it need not be done."""

    verb, label, message = "follow_up.drop", LABELS["drop"], "The work is no longer needed."

    def do(self, values: dict[str, Any]) -> None:
        """Drop it."""
        services.drop_follow_up(actor=self.person, follow_up=self.object, door=Door.WEB, **values)


class FollowUpHandOver(FollowUpVerb):
    """Give it to somebody else."""

    verb, label, message = "follow_up.hand_over", LABELS["hand_over"], "The work waits for somebody else now."
    form_class = shapes.HandOverForm

    def form_arguments(self) -> dict[str, Any]:
        """Everybody who may carry out changes of the system."""
        system: System = self.object.system
        return {"people": rights.holders(Permission.CHANGE_IMPLEMENT, system).order_by("name", "username")}

    def do(self, values: dict[str, Any]) -> None:
        """Hand it over."""
        services.hand_over_follow_up(actor=self.person, follow_up=self.object, door=Door.WEB, **values)
