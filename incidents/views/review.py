"""What follows an incident on pages: its review, what its action items became, better playbooks."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from governance.access.rights import can, visible
from governance.access.vocabulary import Permission
from governance.changes.models import Change
from governance.ledger.acting import Door
from governance.validation.forms import ReasonForm
from governance.validation.views.verbs import VerbPage
from governance.web.pages import Declared, DetailPage, Page
from incidents import forms, queries, review_forms, services
from incidents.models import ActionItem, MonitoringPlan, PlaybookVersion
from incidents.playbooks import accepted, playbooks_now, steps_of
from incidents.views.incidents import LABELS, address
from incidents.views.verbs import IncidentVerb
from inventory.models import Document, Risk

MOST = 200


class ReviewWrite(IncidentVerb):
    """Begin the review of an incident, or write on in it."""

    verb, label, form_class = "incident.write_review", LABELS["write_review"], review_forms.ReviewForm
    message = "It is written down. Who takes part agrees with it anew."

    def initial(self) -> dict[str, Any]:
        """What is written already."""
        review = queries.review_of(self.object)
        here = {name: getattr(review, name) for name in queries.REVIEW_PARTS} if review else {}
        return {**here, "root_cause": self.object.root_cause, "review": self.object.review}

    def do(self, values: dict[str, Any]) -> None:
        """Write it."""
        services.write_review(actor=self.person, incident=self.object, door=Door.WEB, **values)


class ReviewAgree(IncidentVerb):
    """Agree with the review as it is written."""

    verb, label, form_class = "incident.agree_review", LABELS["agree_review"], forms.Nothing
    message = "You agree with the review as it is written."

    def do(self, values: dict[str, Any]) -> None:
        """Agree."""
        services.agree_review(actor=self.person, incident=self.object, door=Door.WEB)


class ReviewComplete(IncidentVerb):
    """Say that the review is complete."""

    verb, label, form_class = "incident.complete_review", LABELS["complete_review"], forms.Nothing
    message = "The review is complete."

    def do(self, values: dict[str, Any]) -> None:
        """Complete it."""
        services.complete_review(actor=self.person, incident=self.object, door=Door.WEB)


class ActionBecame(VerbPage[ActionItem]):
    """Say what an action item became."""

    verb, label, form_class = "incident.link_action", "Say what it became", review_forms.BecameForm
    template_name = "web/form.html"
    message = "It is written down."
    lookups = {"pk": "action", "incident_id": "pk"}

    def objects(self) -> QuerySet[ActionItem]:
        """Action items with their incident."""
        return ActionItem.objects.select_related("incident__system")

    def form_arguments(self) -> dict[str, Any]:
        """Things of the same system."""
        system = self.object.incident.system_id
        versions = PlaybookVersion.objects.filter(incident__system=system)
        return {
            "targets": {
                "change": Change.objects.filter(system=system),
                "risk": Risk.objects.filter(system=system),
                "plan": MonitoringPlan.objects.filter(system=system),
                "document": Document.objects.filter(system=system),
                "playbook": versions,
            }
        }

    def back(self) -> str:
        """The page of the incident."""
        return address(self.object.incident)

    def do(self, values: dict[str, Any]) -> None:
        """Write it down."""
        services.link_action(actor=self.person, action=self.object, door=Door.WEB, **values)


class PlaybookPropose(IncidentVerb):
    """Propose what a playbook should say from now on."""

    verb, label, form_class = "playbook.propose", LABELS["propose_playbook"], review_forms.PlaybookProposalForm
    message = "It is proposed. Somebody of the governance team decides on it."

    def form_arguments(self) -> dict[str, Any]:
        """The playbooks for this type of incident; where there is none, all."""
        books = playbooks_now(queries.rules_of_incidents())
        return {"playbooks": [book for book in books if book.type == self.object.type] or books}

    def initial(self) -> dict[str, Any]:
        """The first as it is now."""
        books = self.form_arguments()["playbooks"]
        return {"playbook": books[0].id, "steps": review_forms.written(books[0].steps)} if books else {}

    def do(self, values: dict[str, Any]) -> None:
        """Propose it."""
        services.propose_playbook(actor=self.person, incident=self.object, door=Door.WEB, **values)


class PlaybookList(Page):
    """Every playbook as it is now, and the versions that wait or were decided on."""

    permission = Declared.SIGNED_IN
    template_name = "incidents/playbooks.html"
    takes = frozenset[str]()

    def context(self) -> dict[str, Any]:
        """Playbooks with the version that counts, and the versions this person may see."""
        newest = accepted()
        rules = queries.rules_of_incidents()
        types = {level.id: level.title for level in rules.types} if rules else {}
        books = [(book, newest.get(book.id), types.get(book.type, book.type)) for book in playbooks_now(rules)]
        seen = visible(self.person, PlaybookVersion.objects.select_related("proposed_by", "decided_by"))
        return {**super().context(), "books": books, "versions": seen.order_by("-id")[:MOST]}


def _versions() -> QuerySet[PlaybookVersion]:
    return PlaybookVersion.objects.select_related("incident__system", "proposed_by", "decided_by")


class PlaybookVersionPage(DetailPage[PlaybookVersion]):
    """What a version would change, and for who decides, the buttons."""

    permission = Permission.SYSTEM_VIEW
    template_name = "incidents/playbook_version.html"

    def objects(self) -> QuerySet[PlaybookVersion]:
        """Versions with where they come from."""
        return _versions()

    def context(self) -> dict[str, Any]:
        """Adds the steps, which of them are new, which are gone, and the buttons."""
        version = self.object
        before = _before(version)
        steps = steps_of(version.steps)
        old = {step.text for step in before}
        kept = {step.text for step in steps}
        return {
            **super().context(), "version": version, "steps": [(step, step.text not in old) for step in steps],
            "gone": [step for step in before if step.text not in kept], "verbs": self.buttons(),
        }  # fmt: skip

    def buttons(self) -> list[dict[str, Any]]:
        """Accepting and refusing, for who may, while it waits."""
        version = self.object
        if version.decided_at is not None or not can(self.person, Permission.PLAYBOOK_DECIDE, version):
            return []
        own = version.proposed_by_id == self.person.pk
        reasons = [{"text": "You proposed it; somebody else decides on it."}] if own else []
        return [
            {"label": label, "href": reverse(f"incidents:{name}", args=[version.pk]), "reasons": reasons}
            for label, name in ((PlaybookAccept.label, "playbook_accept"), (PlaybookRefuse.label, "playbook_refuse"))
        ]


def _before(version: PlaybookVersion) -> tuple[Any, ...]:
    """The steps a version was compared with: of the last accepted one before it, else of the policy in force."""
    earlier = PlaybookVersion.objects.filter(
        playbook=version.playbook, accepted=True, version__lt=version.version
    ).first()
    if earlier is not None:
        return steps_of(earlier.steps)
    rules = queries.rules_of_incidents()
    return next((book.steps for book in (rules.playbooks if rules else ()) if book.id == version.playbook), ())


class PlaybookDecision(VerbPage[PlaybookVersion], abstract=True):
    """A version decided on."""

    template_name = "web/form.html"

    def objects(self) -> QuerySet[PlaybookVersion]:
        """Versions with where they come from."""
        return _versions()

    def back(self) -> str:
        """The page of the version."""
        return reverse("incidents:playbook_version", args=[self.object.pk])


class PlaybookAccept(PlaybookDecision):
    """Let a version count from now on."""

    verb, label, form_class = "playbook.accept", "Accept this version", review_forms.DecisionForm
    message = "This version counts from now on."

    def do(self, values: dict[str, Any]) -> None:
        """Accept it."""
        services.accept_playbook(actor=self.person, version=self.object, door=Door.WEB, **values)


class PlaybookRefuse(PlaybookDecision):
    """Leave the playbook as it is."""

    verb, label, form_class = "playbook.refuse", "Leave it as it is", ReasonForm
    message = "The playbook stays as it is."

    def do(self, values: dict[str, Any]) -> None:
        """Refuse it."""
        services.refuse_playbook(actor=self.person, version=self.object, door=Door.WEB, **values)
