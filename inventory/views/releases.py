"""One release's page, and the forms that describe, change, discard and retire it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger import queries as ledger
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict
from governance.web import slots
from governance.web.pages import ActionPage, DetailPage, ObjectFormPage
from inventory import queries
from inventory.forms import ARTIFACTS_AT_MOST, ArtifactForms, ArtifactFormSet, ReleaseForm
from inventory.lifecycle import RELEASE, ReleaseFacts
from inventory.models import Artifact, Release, System
from inventory.services import (
    ArtifactInput,
    change_release,
    create_release,
    discard_release,
    retire_release,
    set_artifacts,
)
from inventory.services.releases import release_version

STEPS = (("draft", "Draft"), ("in_review", "In review"), ("approved", "Approved"))
# How many of the steps a release has certainly been through when it ends so.
REACHED = {"suspended": 3, "revoked": 3, "retired": 2, "rejected": 2, "discarded": 1}
OURS = frozenset({"discard", "retire"})
LINEAGE = ("code_revision", "run_id", "retraining")


def address(release: Release) -> str:
    """Where a release's page is."""
    return reverse("inventory:release_detail", args=[release.pk])


class ReleaseDetail(DetailPage[Release]):
    """One release: where it stands, what it consists of, what changed, what one can do."""

    permission = Permission.SYSTEM_VIEW
    template_name = "inventory/release_detail.html"

    def objects(self) -> QuerySet[Release]:
        """The release with its bill of materials."""
        return queries.release_pages()

    def context(self) -> dict[str, Any]:
        """The bill of materials, the difference, buttons and panels."""
        release = self.object
        draft = release.state == Release.State.DRAFT  # a frozen package is compared by what froze it
        previous = queries.last_approved_before(release) if draft else None
        allowed = rights.permissions_of(self.person, release)
        return {
            **super().context(),
            "release": release,
            "system": release.system,
            "artifacts": release.artifacts.all(),
            "steps": steps(release.state),
            "previous": previous,
            "differences": queries.difference(previous, release) if previous else [],
            "actions": slots.actions(slots.Place.RELEASE, self.request, release),
            "panels": slots.panels(slots.Place.RELEASE, self.request, release),
            "allowed": allowed,
            "timeline": ledger.told(ledger.events_of_release(release.system_id, release.pk))
            if Permission.LEDGER_VIEW in allowed
            else [],
            "recused": rights.recusal(self.person, release),
        }


def steps(state: str) -> list[dict[str, Any]]:
    """The way of a release as steps; an end other than approval takes the last place."""
    way = list(STEPS)
    if state in REACHED:
        way = [*way[: REACHED[state]], (state, Release.State(state).label)]
    names = [name for name, _ in way]
    here = names.index(state)
    return [{"label": label, "active": place == here, "done": place < here} for place, (_, label) in enumerate(way)]


def release_actions(request: Any, release: Release) -> list[slots.Action]:
    """The buttons of a release's page that the inventory itself offers."""
    allowed = rights.permissions_of(request.user, release)
    facts = ReleaseFacts(actor_id=request.user.pk, suspended_by_id=release.suspended_by_id)
    offers = [offer for offer in RELEASE.offered(release.state, allowed=allowed, facts=facts) if offer.verb in OURS]
    actions = []
    if Permission.RELEASE_CHANGE in allowed and release.state == Release.State.DRAFT:
        change = reverse("inventory:release_change", args=[release.pk])
        actions.append(slots.Action("Edit the draft", change, "pencil", link=True))
    describe = {
        "discard": slots.Action(
            "Discard the draft", reverse("inventory:release_discard", args=[release.pk]), "trash", "outline-danger",
            confirm="A discarded draft cannot be taken up again. Discard it?",
        ),
        "retire": slots.Action(
            "Retire the release", reverse("inventory:release_retire", args=[release.pk]), "archive",
            "outline-danger", asks_reason=True, confirm="A retired release cannot ship again. Retire it?",
        ),
    }  # fmt: skip
    return actions + slots.offered(offers, describe)


class _DescribesRelease:
    """A page with a release form and the lines of its bill of materials."""

    request: Any
    rows: ArtifactForms

    def bind_rows(self, initial: list[dict[str, Any]]) -> ArtifactForms:
        """The lines, from what was posted or from what is stored."""
        data = self.request.POST if self.request.method == "POST" else None
        return cast("ArtifactForms", ArtifactFormSet(data, prefix="artifacts", initial=initial))

    def wants_row(self) -> bool:
        """Whether “add a line” was pressed without script: show one more line, save nothing."""
        return "add_row" in self.request.POST

    def one_more(self, initial: list[dict[str, Any]]) -> ArtifactForms:
        """What was typed, with one more blank line."""
        data = self.request.POST.copy()
        typed = data.get("artifacts-TOTAL_FORMS", "")
        if not (typed.isascii() and typed.isdigit() and len(typed) < len(str(ARTIFACTS_AT_MOST)) + 1):
            raise InvalidInput({"artifacts-TOTAL_FORMS": ["Must be the number of lines."]})
        data["artifacts-TOTAL_FORMS"] = str(min(int(typed) + 1, ARTIFACTS_AT_MOST))
        return cast("ArtifactForms", ArtifactFormSet(data, prefix="artifacts", initial=initial))


def place_line_errors(rows: ArtifactForms, form: Any, invalid: InvalidInput) -> None:
    """Put what the service found wrong beside the line and field it is about."""
    kept = [row for row in rows.forms if row.cleaned_data and not row.cleaned_data.get("DELETE")]
    for name, sentences in invalid.errors.items():
        parts = name.split(".")
        if parts[0] == "artifacts" and len(parts) == 3 and parts[1].isdigit() and int(parts[1]) < len(kept):
            row = kept[int(parts[1])]
            row.add_error(parts[2] if parts[2] in row.fields else None, sentences)
            form.add_error(None, [f"Line {int(parts[1]) + 1}, {parts[2]}: {sentence}" for sentence in sentences])
        else:
            form.add_error(name if name in form.fields else None, sentences)


class ReleaseWriting(_DescribesRelease, ObjectFormPage[Any], abstract=True):
    """What the pages that describe and change a release have in common."""

    template_name = "inventory/release_form.html"
    form_class = ReleaseForm

    def stored_lines(self) -> list[dict[str, Any]]:
        """The lines the form starts with."""
        return []

    def stored_configurations(self) -> dict[str, dict[str, Any]]:
        """Configurations of vendor services by name of the line."""
        return {}

    def lines(self) -> list[ArtifactInput]:
        """The typed lines as the services take them; the digest of a vendor service is computed, not typed."""
        stored = self.stored_configurations()
        lines = []
        for line in self.rows.lines():
            typed = ArtifactInput(**line)  # type: ignore[arg-type]
            if typed.kind == Artifact.Kind.SERVICE:
                typed = replace(typed, sha256="", configuration=stored.get(typed.name, {}))
            lines.append(typed)
        return lines

    def context(self) -> dict[str, Any]:
        """Adds the lines."""
        rows = getattr(self, "rows", None) or self.bind_rows(self.stored_lines())
        return {**super().context(), "rows": rows, "blank": rows.empty_form}

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check form and lines together; nothing is saved unless all of it is right."""
        form: Any = self.form()
        if self.wants_row():
            self.rows = self.one_more(self.stored_lines())
            return self.show(form=form)
        self.rows = self.bind_rows(self.stored_lines())
        self.refuse_unknown(self.known_fields(form) | self.rows.names())
        if not (form.is_valid() & self.rows.is_valid()):
            return self.show(status=400, form=form)
        try:
            return self.save(form)
        except Conflict as conflict:
            for reason in conflict.reasons:
                form.add_error(None, reason.text)
            return self.show(status=409, form=form)
        except InvalidInput as invalid:
            place_line_errors(self.rows, form, invalid)
            return self.show(status=400, form=form)


class ReleaseCreate(ReleaseWriting):
    """Describe a new release of a system."""

    permission = Permission.RELEASE_CHANGE
    verb = "release.create"
    lookups = {"slug": "slug"}
    object: System

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def form_arguments(self) -> dict[str, Any]:
        """Releases it can come from or fall back to."""
        return {"siblings": self.object.releases.exclude(state=Release.State.DISCARDED)}

    def initial(self) -> dict[str, Any]:
        """The newest approved release, as predecessor and as the one to fall back to."""
        newest = self.object.releases.filter(state=Release.State.APPROVED).first()
        return {"predecessor": newest, "rollback_target": newest}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        back = reverse("inventory:system_detail", args=[self.object.slug])
        return {
            **super().context(), "heading": "Describe a release", "pretitle": self.object.name, "submit": "Save draft",
            "cancel": back,
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Save it as a draft."""
        values = form.cleaned_data
        release = create_release(
            actor=self.person, door=Door.WEB, system=self.object, version=values["version"], notes=values["notes"],
            artifacts=self.lines(), predecessor=values["predecessor"],
            rollback_target=values["rollback_target"], lineage=lineage(values), envelope=form.envelope(),
        )  # fmt: skip
        return self.done(f"Release {release.version} is saved as a draft.", address(release))


def lineage(values: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a release was made from, of what was typed; what other doors wrote beside it is kept."""
    typed = {name: values[name] for name in LINEAGE}
    kept = {name: value for name, value in (before or {}).items() if name not in typed}
    return {**kept, **{name: value for name, value in typed.items() if value}}


def _typed(stored: Mapping[str, Any]) -> dict[str, Any]:
    """An envelope as the form shows it."""
    if not stored:
        return {}
    names = ("metric", "slice", "lowest", "highest")
    return {
        "envelope_kinds": ", ".join(stored["kinds"]), "envelope_artifacts": stored["artifacts"],
        "envelope_limits": "\n".join("; ".join(line[name] or "" for name in names) for line in stored["limits"]),
        "envelope_until": datetime.fromisoformat(stored["until"]),
    }  # fmt: skip


class ReleaseChange(ReleaseWriting):
    """Change a draft release."""

    permission = Permission.RELEASE_CHANGE
    verb = "release.change"
    object: Release

    def objects(self) -> QuerySet[Release]:
        """The release."""
        return queries.release_pages()

    def stored_lines(self) -> list[dict[str, Any]]:
        """The bill of materials as it is."""
        names = ("name", "kind", "version", "uri", "sha256", "vendor", "model_id", "region")
        return [{name: getattr(artifact, name) for name in names} for artifact in self.object.artifacts.all()]

    def form_arguments(self) -> dict[str, Any]:
        """Its sisters."""
        sisters = Release.objects.filter(system=self.object.system_id).exclude(pk=self.object.pk)
        return {"siblings": sisters.exclude(state=Release.State.DISCARDED)}

    def initial(self) -> dict[str, Any]:
        """The draft as it is, and a word for exactly this state of it."""
        release = self.object
        return {
            "version": release.version, "notes": release.notes, "predecessor": release.predecessor_id,
            "rollback_target": release.rollback_target_id, "seen": release_version(release),
            **{name: release.lineage.get(name, "") for name in LINEAGE},
            **_typed(release.envelope),
        }  # fmt: skip

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": f"Edit draft {self.object.version}",
            "pretitle": self.object.system.name, "submit": "Save draft", "cancel": address(self.object),
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Write description and lines in one transaction, unless somebody else wrote in the meantime."""
        values = form.cleaned_data
        with acting(self.person, door=Door.WEB, verb=self.verb):
            set_artifacts(
                actor=self.person, door=Door.WEB, release=self.object, artifacts=self.lines(), expected=values["seen"]
            )
            change_release(
                actor=self.person, door=Door.WEB, release=self.object, version=values["version"],
                notes=values["notes"], predecessor=values["predecessor"], rollback_target=values["rollback_target"],
                lineage=lineage(values, self.object.lineage), envelope=form.envelope(),
            )  # fmt: skip
        return self.done("The draft was changed.", address(self.object))

    def stored_configurations(self) -> dict[str, dict[str, Any]]:
        """Configurations of vendor services, which other doors write: they stay."""
        return {artifact.name: artifact.configuration for artifact in self.object.artifacts.all()}


class ReleaseDiscard(ActionPage[Release]):
    """Give up a draft."""

    permission = Permission.SYSTEM_VIEW
    verb = "release.discard"

    def objects(self) -> QuerySet[Release]:
        """The release."""
        return queries.release_pages()

    def act(self) -> HttpResponseBase:
        """The machine decides."""
        release = discard_release(actor=self.person, door=Door.WEB, release=self.object)
        return self.done(f"Draft {release.version} was discarded.", address(release))


class ReleaseRetire(ActionPage[Release]):
    """Take a release out of use for good."""

    permission = Permission.SYSTEM_VIEW
    verb = "release.retire"
    fields = frozenset({"reason"})

    def objects(self) -> QuerySet[Release]:
        """The release."""
        return queries.release_pages()

    def act(self) -> HttpResponseBase:
        """The machine decides."""
        reason = self.text("reason", 500)
        release = retire_release(actor=self.person, door=Door.WEB, release=self.object, reason=reason)
        return self.done(f"Release {release.version} is retired.", address(release))
