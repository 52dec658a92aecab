"""One form for each thing done about a change; who may, and when, the service says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property

from governance.access.rights import NotVisible, require, visible
from governance.access.vocabulary import Permission
from governance.changes import forms, queries, services
from governance.changes.models import Change
from governance.changes.views.changes import LABELS, address, form_arguments, releases_of
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.validation.views.verbs import VerbPage
from governance.web.pages import ObjectFormPage
from inventory.models import System


class ChangeVerb(VerbPage[Change], abstract=True):
    """One thing done about a change."""

    template_name = "web/form.html"

    def objects(self) -> QuerySet[Change]:
        """Changes with their system."""
        return Change.objects.select_related("system")

    def offers(self) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.change_offers(self.person, self.object)

    def back(self) -> str:
        """The page of the change."""
        return address(self.object)

    def initial(self) -> dict[str, Any]:
        """The version of the request that was read: the one the page of the change showed."""
        return {"seen": self.request.GET.get("seen", "")[:64] or queries.version_of(self.object)}


class ChangeDescribe(ChangeVerb):
    """Describe a draft anew."""

    verb, label, form_class = "change.describe", LABELS["describe"], forms.DescribeForm
    message = "The request is saved. The policy has assessed it again."

    def initial(self) -> dict[str, Any]:
        """What it says now."""
        written = self.object
        names = ("title", "kind", "what", "why", "planned_from", "planned_until", "test_plan", "rollback_plan",
                 "rollback_release", "communication", "emergency")  # fmt: skip
        answers = {f"{forms.ANSWER}{name}": answer for name, answer in written.answers.items()}
        return {
            **{name: getattr(written, name) for name in names},
            **answers,
            "components": "\n".join(written.components),
            "assets": list(written.assets.values_list("asset_id", flat=True)),
        }

    def form_arguments(self) -> dict[str, Any]:
        """The words of the policy, and what of the system may be chosen."""
        return form_arguments(self.person, self.object.system)

    def save(self, form: Any) -> HttpResponseBase:
        """Save it and show the change."""
        services.describe_change(actor=self.person, change=self.object, door=Door.WEB, **form.described())
        return self.done(self.message, self.back())


class ReleaseName(ChangeVerb):
    """Say which release carries the change out."""

    verb, label, form_class = "change.name_release", LABELS["name_release"], forms.ReleaseForm
    message = "The release is named."

    def initial(self) -> dict[str, Any]:
        """The release named now."""
        return {"release": self.object.target_release_id}

    def form_arguments(self) -> dict[str, Any]:
        """The releases of the system."""
        return {"releases": releases_of(self.object.system_id)}

    def do(self, values: dict[str, Any]) -> None:
        """Name it."""
        services.name_release(actor=self.person, change=self.object, door=Door.WEB, **values)


class MaterialityRaise(ChangeVerb):
    """Say that a change comes to more."""

    verb, label, form_class = "change.raise_materiality", LABELS["raise_materiality"], forms.MaterialityForm
    message = "The change comes to more than the policy computed."

    def do(self, values: dict[str, Any]) -> None:
        """Raise it."""
        services.raise_materiality(actor=self.person, change=self.object, door=Door.WEB, **values)


class MaterialityLower(ChangeVerb):
    """Say that a change comes to less."""

    verb, label, form_class = "change.lower_materiality", LABELS["lower_materiality"], forms.MaterialityForm
    message = "The change comes to less. A different approver decides on it."

    def do(self, values: dict[str, Any]) -> None:
        """Lower it."""
        services.lower_materiality(actor=self.person, change=self.object, door=Door.WEB, **values)


class ChangeSubmit(ChangeVerb):
    """Put a request up for approval."""

    verb, label, form_class = "change.submit", LABELS["submit"], forms.Nothing
    message = "The change waits for an approver."

    def do(self, values: dict[str, Any]) -> None:
        """Submit it."""
        services.submit_change(actor=self.person, change=self.object, door=Door.WEB)


class ChangeApprove(ChangeVerb):
    """Approve a change."""

    verb, label, form_class = "change.approve", LABELS["approve"], forms.CommentForm
    message = "The change is approved. It can be carried out."

    def do(self, values: dict[str, Any]) -> None:
        """Approve it."""
        services.approve_change(actor=self.person, change=self.object, door=Door.WEB, **values)


class ChangeReturn(ChangeVerb):
    """Send a request back."""

    verb, label, form_class = "change.return", LABELS["return"], forms.ReasonSeenForm
    message = "The request is a draft again."

    def do(self, values: dict[str, Any]) -> None:
        """Return it."""
        services.return_change(actor=self.person, change=self.object, door=Door.WEB, **values)


class ChangeReject(ChangeVerb):
    """Reject a change."""

    verb, label, form_class = "change.reject", LABELS["reject"], forms.ReasonSeenForm
    message = "The change is rejected."

    def do(self, values: dict[str, Any]) -> None:
        """Reject it."""
        services.reject_change(actor=self.person, change=self.object, door=Door.WEB, **values)


class ChangeWithdraw(ChangeVerb):
    """Take a request back."""

    verb, label, form_class = "change.withdraw", LABELS["withdraw"], forms.MaybeReasonForm
    message = "The request is withdrawn."

    def do(self, values: dict[str, Any]) -> None:
        """Withdraw it."""
        services.withdraw_change(actor=self.person, change=self.object, door=Door.WEB, **values)


class ChangeImplement(ChangeVerb):
    """Say that a change is carried out."""

    verb, label, form_class = "change.implement", LABELS["implement"], forms.Nothing
    message = "The change is carried out. Somebody else verifies it next."

    def do(self, values: dict[str, Any]) -> None:
        """Carry it out."""
        services.implement_change(actor=self.person, change=self.object, door=Door.WEB)


class ChangeEmergency(ChangeVerb):
    """Say that an emergency change is carried out."""

    verb, label, form_class = "change.emergency", LABELS["emergency"], forms.ReasonForm
    message = "The emergency change is carried out. An approver has to ratify it."

    def do(self, values: dict[str, Any]) -> None:
        """Carry it out."""
        services.carry_out_emergency(actor=self.person, change=self.object, door=Door.WEB, **values)


class ResultsRecord(ChangeVerb):
    """Write down what the tests showed."""

    verb, label, form_class = "change.record_results", LABELS["record_results"], forms.ResultsForm
    message = "The results are recorded."

    def initial(self) -> dict[str, Any]:
        """What is written already."""
        return {"test_results": self.object.test_results}

    def do(self, values: dict[str, Any]) -> None:
        """Record them."""
        services.record_results(actor=self.person, change=self.object, door=Door.WEB, **values)


class ChangeVerify(ChangeVerb):
    """Confirm that a change works."""

    verb, label, form_class = "change.verify", LABELS["verify"], forms.VerifyForm
    message = "The change is verified and closed."

    def do(self, values: dict[str, Any]) -> None:
        """Verify it."""
        services.verify_change(actor=self.person, change=self.object, door=Door.WEB, **values)


class ChangeRollBack(ChangeVerb):
    """Go back to the release before."""

    verb, label, form_class = "change.roll_back", LABELS["roll_back"], forms.RollBackForm
    message = "The change is rolled back."

    def initial(self) -> dict[str, Any]:
        """The release the request named, or the one approved last before."""
        before = queries.approved_before(self.object)
        return {"release": self.object.rollback_release_id or (before.pk if before else None)}

    def form_arguments(self) -> dict[str, Any]:
        """The releases of the system."""
        return {"releases": releases_of(self.object.system_id)}

    def do(self, values: dict[str, Any]) -> None:
        """Roll it back."""
        services.roll_back_change(actor=self.person, change=self.object, door=Door.WEB, **values)


class ChangeRatify(ChangeVerb):
    """Approve an emergency change afterwards."""

    verb, label, form_class = "change.ratify", LABELS["ratify"], forms.CommentForm
    message = "The emergency change is ratified."

    def do(self, values: dict[str, Any]) -> None:
        """Ratify it."""
        services.ratify_change(actor=self.person, change=self.object, door=Door.WEB, **values)


class ChangeRefuse(ChangeVerb):
    """Refuse an emergency change afterwards."""

    verb, label, form_class = "change.refuse", LABELS["refuse"], forms.ReasonSeenForm
    message = "The emergency change is refused; it has to be rolled back."

    def do(self, values: dict[str, Any]) -> None:
        """Refuse it."""
        services.refuse_change(actor=self.person, change=self.object, door=Door.WEB, **values)


class OpinionGive(ChangeVerb):
    """Say as an owner whether a dependent system can live with the change."""

    verb, label, form_class = "change.answer", "Say whether your system can live with it", forms.AnswerForm
    message = "Your word stands beside the change."

    def initial(self) -> dict[str, Any]:
        """Nothing is chosen beforehand."""
        return {}

    @cached_property
    def system(self) -> System:
        """The system spoken for. Raises NotVisible."""
        found = visible(self.person, System.objects.all()).filter(slug=self.kwargs["slug"]).first()
        if found is None:
            raise NotVisible
        return found

    def prepare(self) -> None:
        """Find both the change and the system (404)."""
        super().prepare()
        self.system  # noqa: B018  a system one may not see is a page that is not there

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form to who answers for the system. Raises Forbidden."""
        require(self.person, Permission.CHANGE_ANSWER, self.system)
        return super().get(request, *args, **kwargs)

    def about(self) -> str:
        """Which change and which system."""
        return f"{self.object}, for {self.system.name}"

    def do(self, values: dict[str, Any]) -> None:
        """Say it."""
        services.answer_change(actor=self.person, change=self.object, system=self.system, door=Door.WEB, **values)


class ReachedAnswer(ObjectFormPage[System]):
    """Say as an owner whether a system can live with a change below it, seen or not."""

    permission = Permission.CHANGE_ANSWER
    verb = "change.answer"
    template_name = "web/form.html"
    form_class = forms.AnswerForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def prepare(self) -> None:
        """Find the system, and the change that reaches it (404)."""
        super().prepare()
        found = Change.objects.select_related("system").filter(pk=self.kwargs["change"]).first()
        if found is None or not queries.reaches(self.person, found, self.object):
            raise NotVisible
        self.change = found

    def context(self) -> dict[str, Any]:
        """The words around the form: what kind of change and when, and no name."""
        change = self.change
        since, until = change.planned_from, change.planned_until
        planned = (
            f" It is planned from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC." if since and until else ""
        )
        lead = (
            f"Something {self.object.name} depends on, directly or through others, is to change "
            f"({queries.kind_of(change).lower()}; {change.get_materiality_display().lower()}).{planned} "
            "What it is called stays with those who may see it; your word reaches whoever decides."
        )
        words = {"heading": "Can your system live with it?", "pretitle": self.object.name, "submit": "Say it"}
        back = reverse("inventory:system_detail", args=[self.object.slug])
        return {**super().context(), **words, "lead": lead, "cancel": back}

    def save(self, form: Any) -> HttpResponseBase:
        """Say it, and go back to the system."""
        services.answer_change(
            actor=self.person, change=self.change, system=self.object, door=Door.WEB, **form.cleaned_data
        )
        page = reverse("inventory:system_detail", args=[self.object.slug])
        return self.done("Your word stands beside the change.", page)
