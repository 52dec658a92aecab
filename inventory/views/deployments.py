"""A person's own report of what runs, and of what runs no more."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import ActionPage, ObjectFormPage
from governance.web.slots import Action
from inventory.deployment_forms import DeploymentForm
from inventory.deployments import document_in_force, place_of, running, titles
from inventory.models import Deployment, Release, System
from inventory.services.deployments import end_deployment, report_deployment

P = Permission


class DeploymentReport(ObjectFormPage[System]):
    """Say what runs of a system, where no pipeline and no cluster does."""

    permission = P.DEPLOYMENT_REPORT
    verb = "deployment.report"
    template_name = "web/form.html"
    form_class = DeploymentForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def form_arguments(self) -> dict[str, Any]:
        """The environments of the policy, and the releases it may be."""
        releases = Release.objects.filter(system=self.object).exclude(state=Release.State.DISCARDED)
        return {"titles": titles(document_in_force()), "releases": releases}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        lead = (
            "All that runs of this system at one place: what was reported there before ends with it. Digests say "
            "what it is; one that belongs to no approved release opens an incident where the gate enforces."
        )
        words = {"heading": "Report what runs", "pretitle": self.object.name, "submit": "Report it", "lead": lead}
        return {**super().context(), **words, "cancel": _page(self.object)}

    def place_error(self, form: Any, field: str, sentences: list[str]) -> None:
        """`location.region` is the field region."""
        super().place_error(form, field.removeprefix("location."), sentences)

    def save(self, form: Any) -> HttpResponseBase:
        """Record it and show the system."""
        told = report_deployment(
            actor=self.person, system=self.object, source=Deployment.Source.PERSON, door=Door.WEB, **form.told()
        )
        return self.done("It is recorded." if told.new else "This was known already.", _page(self.object))


class DeploymentEnd(ActionPage[Deployment]):
    """Say that nothing of a system runs in an environment any more."""

    permission = P.DEPLOYMENT_REPORT
    verb = "deployment.end"
    fields = frozenset({"reason"})

    def objects(self) -> QuerySet[Deployment]:
        """What runs."""
        return running()

    def act(self) -> HttpResponseBase:
        """Record it and show the system."""
        end_deployment(actor=self.person, deployment=self.object, reason=self.text("reason", 500), door=Door.WEB)
        return self.done("It is recorded that it runs there no more.", _page(self.object.system))


def deployment_actions(request: HttpRequest, system: System) -> list[Action]:
    """Of each place with something in it, that it runs no more."""
    if P.DEPLOYMENT_REPORT not in rights.permissions_of(request.user, system):
        return []
    there: dict[tuple[str, str], Deployment] = {}
    for row in running().filter(system=system).order_by("environment", "cluster", "pk"):
        there.setdefault((row.environment, row.cluster), row)
    names = titles(document_in_force()) if there else {}
    return [
        Action(
            f"Runs no more in {place_of(names.get(place, place), cluster)}",
            reverse("inventory:deployment_end", args=[row.pk]), "circle-x", asks_reason=True,
        )
        for (place, cluster), row in there.items()
    ]  # fmt: skip


def _page(system: System) -> str:
    return reverse("inventory:system_detail", args=[system.slug])
