"""Campaigns of certifications as pages: who is asked by when, how far it has come, and an owner's statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force, rules
from governance.validation import certifications as reads
from governance.validation import services
from governance.validation.forms import ReasonForm, end_of
from governance.validation.models import Campaign, Certification
from governance.validation.views.verbs import VerbPage, buttons
from governance.web.pages import Declared, DetailPage, FormPage, ListPage
from inventory.models import Unit
from inventory.services.systems import system_version

LABELS = {"certify": "Certify the record", "refuse": "Say that it is not right"}


class CampaignForm(forms.Form):
    """For which systems, by when."""

    title = forms.CharField(max_length=200, help_text="As owners read it: “High-tier systems by March”.")
    tier = forms.ChoiceField(required=False)
    unit = forms.ModelChoiceField(
        Unit.objects.none(), required=False, to_field_name="slug", empty_label="Every unit",
        help_text="With all below it.",
    )  # fmt: skip
    due = forms.DateField(label="By the end of", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label="What to look at", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        pack = pack_in_force()
        tiers = rules(pack).document.tiers.order if pack else ()
        self.fields["unit"].queryset = Unit.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["tier"].choices = [("", "Every tier"), *((tier.id, tier.title) for tier in tiers)]  # type: ignore[attr-defined]


class StateFilter(forms.Form):
    """Which certifications."""

    state = forms.ChoiceField(choices=[("", "Every state"), *Certification.State.choices], required=False)


class CertifyForm(forms.Form):
    """A statement, bound to the record as it was shown."""

    seen = forms.CharField(max_length=80, widget=forms.HiddenInput)
    statement = forms.CharField(
        label="Something to add", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RefuseForm(forms.Form):
    """Why the record is not right."""

    statement = forms.CharField(label="What is not right", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class CampaignList(ListPage[Campaign]):
    """Every campaign, the newest first, with how far it has come."""

    permission = Declared.SIGNED_IN
    template_name = "validation/campaign_list.html"
    orders: ClassVar = {"newest": ("-id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Campaign]:
        """Campaigns with their people."""
        return reads.campaigns()

    def rows(self) -> QuerySet[Campaign]:
        """All of them; their numbers count what the person sees."""
        return self.objects()

    def context(self) -> dict[str, Any]:
        """Adds progress, the present and whether one may be started."""
        found = super().context()
        counted = reads.progress(self.person, found["slice"].rows)
        may_start = rights.can(self.person, Permission.CAMPAIGN_RUN)
        lines = [{"campaign": row, "progress": counted[row.pk]} for row in found["slice"].rows]
        return {**found, "lines": lines, "may_start": may_start, "now": portal_now()}


class CampaignStart(FormPage):
    """Start a campaign."""

    permission = Permission.CAMPAIGN_RUN
    verb = "campaign.start"
    template_name = "web/form.html"
    form_class = CampaignForm

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": "Start a campaign of certifications", "submit": "Ask the owners",
            "cancel": reverse("validation:campaign_list"),
            "lead": "The owner and the deputies of every such system in use find it on their list until they have "
            "certified the record or said what is not right.",
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Start it and show it."""
        values = {**form.cleaned_data, "due": end_of(form.cleaned_data["due"])}
        campaign = services.start_campaign(actor=self.person, door=Door.WEB, **values)
        return self.done("The owners are asked.", reverse("validation:campaign_detail", args=[campaign.pk]))


class CampaignPage(ListPage[Certification]):
    """One campaign: every system it asks about, with where it stands."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/campaign.html"
    filter_class = StateFilter
    orders: ClassVar = {"newest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Certification]:
        """Those of the campaign."""
        return reads.certifications().filter(campaign=self.kwargs["pk"])

    def narrow(self, rows: QuerySet[Certification], wanted: Mapping[str, Any]) -> QuerySet[Certification]:
        """By state."""
        return rows.filter(state=wanted["state"]) if wanted["state"] else rows

    def context(self) -> dict[str, Any]:
        """Adds the campaign and its progress. Raises NotVisible for one there is not."""
        campaign = reads.campaigns().filter(pk=self.kwargs["pk"]).first()
        if campaign is None:
            raise NotVisible
        counted = reads.progress(self.person, [campaign])[campaign.pk]
        now, found = portal_now(), super().context()
        return {
            **found, "campaign": campaign, "progress": counted, "late": campaign.due <= now,
            "lines": [{"one": one, "standing": reads.standing(one, now)} for one in found["slice"].rows],
            "may_end": campaign.ended_at is None and rights.can(self.person, Permission.CAMPAIGN_RUN),
        }  # fmt: skip


class CampaignEnd(FormPage):
    """End a campaign."""

    permission = Permission.CAMPAIGN_RUN
    verb = "campaign.end"
    template_name = "web/form.html"
    form_class = ReasonForm

    def campaign(self) -> Campaign:
        """The campaign. Raises NotVisible for one there is not."""
        found = reads.campaigns().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": f"End “{self.campaign()}”", "submit": "End it", "cancel": self._address(),
            "lead": "Nobody is waited for any more: what was not answered neither lapses nor can be answered. What "
            "was said stays.",
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """End it and show it."""
        services.end_campaign(
            actor=self.person, campaign=self.campaign(), reason=form.cleaned_data["reason"], door=Door.WEB
        )
        return self.done("The campaign has ended.", self._address())

    def _address(self) -> str:
        return reverse("validation:campaign_detail", args=[self.kwargs["pk"]])


class CertificationPage(DetailPage[Certification]):
    """One certification with what this person can do about it."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/certification.html"

    def objects(self) -> QuerySet[Certification]:
        """Certifications with their system and campaign."""
        return reads.certifications()

    def context(self) -> dict[str, Any]:
        """Adds the verbs."""
        one = self.object
        verbs = buttons("certification", one, reads.certification_offers(self.person, one), LABELS)
        standing = reads.standing(one, portal_now())
        return {**super().context(), "certification": one, "system": one.system, "verbs": verbs, "standing": standing}


class CertificationVerb(VerbPage[Certification], abstract=True):
    """One statement about a record."""

    def objects(self) -> QuerySet[Certification]:
        """Certifications with their system and campaign."""
        return reads.certifications()

    def back(self) -> str:
        """The page of the certification."""
        return reverse("validation:certification_detail", args=[self.object.pk])


class CertificationCertify(CertificationVerb):
    """Certify the record as it is shown."""

    verb, label, form_class = "certification.certify", LABELS["certify"], CertifyForm
    message = "The record is certified."

    def about(self) -> str:
        """What the statement means."""
        return f"I looked at the record of {self.object.system} as it stands now: it is complete and right."

    def initial(self) -> dict[str, Any]:
        """The version of the record the person is shown."""
        return {"seen": system_version(self.object.system)}

    def do(self, values: dict[str, Any]) -> None:
        """Certify."""
        services.certify(actor=self.person, certification=self.object, door=Door.WEB, **values)


class CertificationRefuse(CertificationVerb):
    """Say that it is not right."""

    verb, label, form_class = "certification.refuse", LABELS["refuse"], RefuseForm
    message = "It is written down that the record is not right."

    def do(self, values: dict[str, Any]) -> None:
        """Refuse."""
        services.refuse_certification(actor=self.person, certification=self.object, door=Door.WEB, **values)
