"""Changes: the list, the board, the page of one, asking for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.changes import agreement, queries, services
from governance.changes.forms import RequestForm
from governance.changes.listing import CHANGES, ListFilter, kinds, narrow
from governance.changes.models import Change, FollowUp
from governance.ledger import queries as ledger
from governance.ledger.acting import Door
from governance.ledger.verbs import VERBS
from governance.lifecycle import Offer
from governance.policy.queries import rules
from governance.policy.sections import Changes
from governance.web import slots
from governance.web.lists import LikedList
from governance.web.pages import DetailPage, ListPage, ObjectFormPage
from inventory.dependencies import assets_for
from inventory.models import Dependency, Deployment, Release, System

LABELS = {
    "describe": "Describe it",
    "name_release": "Name the release that carries it out",
    "submit": "Put it up for approval",
    "approve": "Approve",
    "return": "Return for a better description",
    "reject": "Reject",
    "withdraw": "Withdraw",
    "implement": "It is carried out",
    "emergency": "Emergency: it is carried out",
    "record_results": "Record test results",
    "verify": "Verify and close",
    "roll_back": "Rolled back",
    "ratify": "Ratify",
    "refuse": "Refuse",
    "raise_materiality": "It comes to more",
    "lower_materiality": "It comes to less",
}
LAW = "law"  # the kind of change a coming policy asks for, where the pack has it
LONGEST_KEY = 18
DECISIONS = ("approve", "return", "reject", "ratify", "refuse", "verify")
STEPS = ("draft", "in_approval", "approved", "implemented", "closed")
COLUMNS = ("draft", "in_approval", "approved", "implemented", "closed", "rolled_back")


def address(change: Change) -> str:
    """Where a change's page is."""
    return reverse("changes:change_detail", args=[change.pk])


def releases_of(system_id: int) -> QuerySet[Release]:
    """The releases of a system a change may name."""
    return Release.objects.filter(system_id=system_id).exclude(state=Release.State.DISCARDED).order_by("-id")


def form_arguments(person: User, system: System) -> dict[str, Any]:
    """What the form of a request lets one choose from: the policy's words, the system's releases, its own assets."""
    needed = Dependency.objects.filter(system=system, on_asset__isnull=False, ended_at=None).values("on_asset")
    assets = assets_for(person).filter(pk__in=needed).order_by("name")
    return {"rules": queries.rules_of_changes(), "releases": releases_of(system.pk), "assets": assets}


class ChangePage(DetailPage[Change]):
    """What is to change and why, what that comes to, who decided, what was done, and what this person can do."""

    permission = Permission.SYSTEM_VIEW
    template_name = "changes/change.html"

    def objects(self) -> QuerySet[Change]:
        """Changes with everything shown of them."""
        return queries.whole_changes()

    def context(self) -> dict[str, Any]:
        """Adds the verbs, the decision box, the steps, the policy's words and the ledger's timeline."""
        change = self.object
        offers = queries.change_offers(self.person, change)
        section = rules(change.pack).document.changes
        version = queries.version_of(change)
        kinds = {kind.id: kind.title for kind in (section.kinds if section else ())}
        reported = queries.deployed(change)
        return {
            **super().context(),
            "change": change,
            "system": change.system,
            "verbs": _buttons(change, version, [offer for offer in offers if offer.verb not in DECISIONS]),
            "decision": _decision(change, version, offers, reported.missing),
            "reported": reported,
            "steps": [(word, Change.State(word).label) for word in STEPS],
            "kind": kinds.get(change.kind, change.kind),
            "answered": [
                (question.text, _label(question.options, change.answers.get(question.id, "")))
                for question in (section.questions if section else ())
            ],
            "timeline": _timeline(change, reported),
            "panels": slots.panels(slots.Place.CHANGE, self.request, change),
            **_reach(self.person, change),
        }


def _timeline(change: Change, reported: queries.Deployed) -> list[ledger.Act]:
    """What happened to the change, and what was reported of its release since it was carried out."""
    acts = [*ledger.told(queries.events_of(change)), *(_reported(row) for row in reported.rows)]
    return sorted(acts, key=lambda act: act.at, reverse=True)


def _reported(row: Deployment) -> ledger.Act:
    version = row.release.version if row.release else row.named
    return ledger.Act(
        at=row.at, who=str(row.reported_by), kind=row.reported_by.kind, verb="deployment.report",
        sentence=VERBS["deployment.report"], reason="", door="", block=None, system_id=row.system_id, lines=(),
        subject=f"{version} in {row.environment}",
    )  # fmt: skip


def _reach(person: User, change: Change) -> dict[str, Any]:
    """How far the change reaches, and what the owners of what it reaches say."""
    spread = queries.dependants(person, change)
    said = {one.system_id: one for one in queries.newest_opinions(change)}
    reached = System.objects.filter(pk__in=[one.id for one in spread.systems])
    mine = set(rights.visible(person, reached, Permission.CHANGE_ANSWER).values_list("pk", flat=True))
    open_to = mine if change.state in (Change.State.DRAFT, Change.State.IN_APPROVAL) else set()
    unasked = agreement.without_a_seeing_owner(change, [one.id for one in spread.systems]) if spread.systems else ()
    return {
        "spread": spread,
        "about": [one.asset for one in change.assets.all()],
        "reached": [
            {"system": one, "said": said.get(one.id), "mine": one.id in open_to, "unasked": one.id in unasked}
            for one in spread.systems
        ],
    }


def _label(options: tuple[Any, ...], value: str) -> str:
    return next((option.label for option in options if option.value == value), "Not answered yet")


# A right the person lacks, or a state that is past: no button at all, rather than one that is blocked.
_HIDDEN = frozenset({"forbidden", "state"})


def _button(change: Change, version: str, offer: Offer) -> dict[str, Any]:
    href = reverse(f"changes:change_{offer.verb}", args=[change.pk])
    return {
        "label": LABELS[offer.verb],
        "href": f"{href}?seen={version}" if offer.verb in DECISIONS else href,
        "reasons": offer.reasons,
    }


def _buttons(change: Change, version: str, offers: list[Offer]) -> list[dict[str, Any]]:
    return [
        _button(change, version, offer)
        for offer in offers
        if not _HIDDEN & {reason.code for reason in offer.reasons}
    ]  # fmt: skip


def _decision(change: Change, version: str, offers: tuple[Offer, ...], note: str) -> dict[str, Any] | None:
    """The decision the change waits for: its buttons, or why this person may not; None where it waits for none."""
    asked = {"in_approval": ("approve", "return", "reject"), "implemented": ("verify",)}.get(change.state, ())
    if change.ratification == Change.Ratification.DUE:
        asked = ("ratify", "refuse")
    found = [offer for offer in offers if offer.verb in asked]
    if not found:
        return None
    reasons = {reason.text: reason for offer in found for reason in offer.reasons}
    return {
        "open": [_button(change, version, offer) for offer in found if offer.open],
        "reasons": list(reasons.values()),
        "note": note,
        "question": "Does it work?" if asked == ("verify",) else "May it be done?",
    }


class ChangeList(LikedList[Change]):
    """Every change a person may see, the newest first."""

    permission = Permission.SYSTEM_VIEW
    template_name = "changes/change_list.html"
    listing = CHANGES
    orders = {"newest": ("-id",), "oldest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Change]:
        """Changes with what the list shows of them."""
        return queries.changes()

    def narrow(self, rows: QuerySet[Change], wanted: Mapping[str, Any]) -> QuerySet[Change]:
        """The declared filters."""
        return narrow(rows, wanted)

    def context(self) -> dict[str, Any]:
        """Adds the policy's words for the kinds."""
        found, named = super().context(), dict(kinds())
        for change in found["slice"].rows:
            change.kind_title = named.get(change.kind, change.kind)
        return found


class BoardFilter(ListFilter):
    """Which changes stand on the board: of every state unless one is asked for."""

    state = forms.ChoiceField(choices=[("", "Every state"), *Change.State.choices], required=False)


class ChangeBoard(ListPage[Change]):
    """The newest changes, a column for each state."""

    permission = Permission.SYSTEM_VIEW
    filter_class = BoardFilter
    template_name = "changes/change_board.html"
    orders = ChangeList.orders
    default_order = "newest"
    page_size = 100

    def filter_arguments(self) -> dict[str, Any]:
        """The kinds of the policy in force."""
        return {"kinds": kinds()}

    def objects(self) -> QuerySet[Change]:
        """Changes with what the board shows of them."""
        return queries.changes()

    def narrow(self, rows: QuerySet[Change], wanted: Mapping[str, Any]) -> QuerySet[Change]:
        """As in the list, with what is settled beside what is open."""
        return narrow(rows, {**wanted, "state": wanted["state"] or "all"})

    def context(self) -> dict[str, Any]:
        """Adds the columns."""
        found = super().context()
        rows = found["slice"].rows
        columns = [
            {"state": word, "label": Change.State(word).label, "changes": [row for row in rows if row.state == word]}
            for word in COLUMNS
        ]
        return {**found, "columns": columns}


def _asked_by(work: FollowUp, rules: Changes | None) -> dict[str, Any]:
    """A request as far as the work that asks for it describes it already; what comes by policy is of that kind."""
    kinds = {kind.id for kind in rules.kinds} if rules else set()
    why = f"FU-{work.pk}: {work.title}."
    said: dict[str, Any] = {"title": work.title[:200], "why": f"{why}\n\n{work.text}".strip()}
    if work.cause == FollowUp.Cause.POLICY and LAW in kinds:
        said["kind"] = LAW
    if work.asset_id:
        said["assets"] = [work.asset_id]
    return said


class ChangeCreate(ObjectFormPage[System]):
    """Ask for a change to a system."""

    permission = Permission.CHANGE_RAISE
    verb = "change.create"
    template_name = "web/form.html"
    form_class = RequestForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def initial(self) -> dict[str, Any]:
        """What a piece of follow-up work of the system asks for, where the address names one."""
        key = self.request.GET.get("follow_up", "")
        if not key.isdecimal() or len(key) > LONGEST_KEY:
            return {}
        work = queries.follow_ups().filter(pk=int(key), system=self.object, state=FollowUp.State.OPEN).first()
        return _asked_by(work, queries.rules_of_changes()) if work else {}

    def form_arguments(self) -> dict[str, Any]:
        """The words of the policy and the releases of the system."""
        return form_arguments(self.person, self.object)

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": "Ask for a change",
            "pretitle": self.object.name,
            "lead": "You can save a draft and complete it later. The policy says at once what the change comes to.",
            "submit": "Save the draft",
            "cancel": reverse("inventory:system_detail", args=[self.object.slug]),
        }
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Save it and show it."""
        change = services.create_change(actor=self.person, system=self.object, door=Door.WEB, **form.described())
        return self.done(f"{change} is saved as a draft.", address(change))
