"""The list of systems, one system's page, and the forms that register, change, tier and move it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force
from governance.web import slots
from governance.web.lists import LikedList
from governance.web.newcomers import whom_to_ask
from governance.web.pages import ActionPage, DetailPage, FormPage, ObjectFormPage
from governance.web.paging import Slice, keyset_slice
from inventory import queries
from inventory.forms import ChangeForm, QuestionnaireForm, RegisterForm, SystemFilters
from inventory.lifecycle import SYSTEM
from inventory.listings import SYSTEMS
from inventory.lowered import counting
from inventory.models import System
from inventory.services import answer_questionnaire, change_system, create_system, move_system
from inventory.services.systems import system_facts, system_version
from inventory.views.tabs import TABS, tab_context

DESCRIBED = (
    "name", "purpose", "intended_use", "out_of_scope_use", "objectives", "objectives_review_on", "stakeholders",
    "affected_groups", "human_oversight", "outputs", "origin", "vendor", "impact", "own_role", "own_role_reason",
    "personal_data", "demographic_variables",
)  # fmt: skip


def address(system: System) -> str:
    """Where a system's page is."""
    return reverse("inventory:system_detail", args=[system.slug])


class SystemList(LikedList[System]):
    """Models & systems: filtered, searched, sorted, a slice at a time."""

    permission = Permission.SYSTEM_VIEW
    template_name = "inventory/system_list.html"
    listing = SYSTEMS
    orders = {"changed": ("-updated_at", "-id"), "name": ("lower_name", "id"), "oldest": ("updated_at", "id")}
    default_order = "changed"

    def bound_filters(self) -> Form:
        """Only units that hold something the person may see can be chosen."""
        units = queries.units_around(self.sight)
        return self.listing.with_columns(SystemFilters(self.request.GET, units=units))

    @cached_property
    def sight(self) -> rights.Sight:
        """What the person sees, asked once for rows, count and units."""
        return rights.Sight(self.person, Permission.SYSTEM_VIEW)

    def slice(self) -> Slice[System]:
        """The rows of this page, unit by unit; what a search found is few and judged one by one."""
        if self.filters.cleaned_data.get("q"):
            return super().slice()
        return keyset_slice(
            self.narrow(self.objects(), self.filters.cleaned_data), self.orders[self.order], size=self.page_size,
            after=self.request.GET.get("after", ""), before=self.request.GET.get("before", ""), sight=self.sight,
        )  # fmt: skip

    def objects(self) -> QuerySet[System]:
        """Systems with unit, owner and latest release."""
        return queries.system_rows()

    def narrow(self, rows: QuerySet[System], wanted: Mapping[str, Any]) -> QuerySet[System]:
        """The declared filters."""
        return queries.narrow_systems(rows, wanted)

    def context(self) -> dict[str, Any]:
        """Adds the tiers to choose from, whether the person may register systems, and whom to ask who sees none."""
        context = super().context()
        pack = pack_in_force()
        signs = slots.signs([system.pk for system in context["slice"].rows])
        for system in context["slice"].rows:
            system.signs = signs.get(system.pk, ())
        tiers = [tier["id"] for tier in pack.document["tiers"]["order"]] if pack else []
        return {
            **context, "tiers": tiers, "can_register": rights.can(self.person, Permission.SYSTEM_ADD),
            "whom_to_ask": None if context["slice"].rows else whom_to_ask(self.person),
        }  # fmt: skip


class SystemDetail(DetailPage[System]):
    """One system: plain questions answered first, then the parts of its record."""

    permission = Permission.SYSTEM_VIEW
    template_name = "inventory/system_detail.html"
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """The system with its unit and other names."""
        return queries.system_pages()

    def context(self) -> dict[str, Any]:
        """Answers, buttons, panels and the one tab asked for."""
        tab = self.request.GET.get("tab", "releases")
        further = tuple((one.key, one.label) for one in slots.TABS)
        tab = tab if tab in {key for key, _ in (*TABS, *further)} else "releases"
        tabs = (*TABS[:-1], *further, TABS[-1])
        allowed = rights.permissions_of(self.person, self.object)
        return {
            **super().context(),
            "system": self.object,
            "unit_path": queries.path_of(self.object.unit),
            "lowered": counting(self.object.pk),
            "answers": slots.answers(self.request, self.object),
            "actions": slots.actions(slots.Place.SYSTEM, self.request, self.object),
            "panels": slots.panels(slots.Place.SYSTEM, self.request, self.object),
            "allowed": allowed,
            "tabs": [tab_entry for tab_entry in tabs if tab_entry[0] != "ledger" or Permission.LEDGER_VIEW in allowed],
            "tab": tab,
            "further": slots.tab(tab, self.request, self.object),
            "recused": rights.recusal(self.person, self.object),
            **tab_context(tab, self.person, self.object, allowed),
        }


def _description(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in DESCRIBED}


class SystemCreate(FormPage):
    """Register a system."""

    permission = Permission.SYSTEM_ADD
    verb = "system.create"
    template_name = "inventory/system_form.html"
    form_class = RegisterForm

    def form_arguments(self) -> dict[str, Any]:
        """Units the person may put systems in."""
        return {"units": rights.visible(self.person, queries.unit_choices(), Permission.SYSTEM_ADD)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Register a system", "submit": "Register",
            "cancel": reverse("inventory:system_list"),
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Register it and go to its page, where the next steps are said."""
        values = form.cleaned_data
        system = create_system(
            actor=self.person, door=Door.WEB, unit=values["unit"], phase=values["phase"], **_description(values)
        )
        return self.done(f"“{system.name}” is registered. Next: give it an owner.", f"{address(system)}?tab=people")


class SystemChange(ObjectFormPage[System]):
    """Change what describes a system."""

    permission = Permission.SYSTEM_CHANGE
    verb = "system.change"
    template_name = "inventory/system_form.html"
    form_class = ChangeForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def form_arguments(self) -> dict[str, Any]:
        """The unit it is in, and those the person may move it to."""
        mine = rights.visible(self.person, queries.unit_choices(), Permission.SYSTEM_ADD)
        return {"units": queries.unit_choices().filter(pk=self.object.unit_id) | mine}

    def initial(self) -> dict[str, Any]:
        """The record as it is, and a word for exactly this state of it."""
        record = {name: getattr(self.object, name) for name in DESCRIBED}
        return {**record, "unit": self.object.unit_id, "seen": system_version(self.object)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Edit the record", "pretitle": self.object.name,
            "cancel": address(self.object),
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Write it, unless somebody else did in the meantime."""
        values = form.cleaned_data
        change_system(
            actor=self.person, door=Door.WEB, system=self.object, unit=values["unit"], expected=values["seen"],
            **_description(values),
        )  # fmt: skip
        return self.done("The record was changed.", address(self.object))


class SystemAnswer(ObjectFormPage[System]):
    """Answer the questionnaire of the pack in force; the tier follows from the answers."""

    permission = Permission.SYSTEM_CHANGE
    verb = "system.answer"
    template_name = "inventory/system_answer.html"
    form_class = QuestionnaireForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def form_arguments(self) -> dict[str, Any]:
        """The questions."""
        return {"questions": questions()}

    def initial(self) -> dict[str, Any]:
        """The answers so far."""
        return {**self.object.answers, "seen": system_version(self.object)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Risk tier questionnaire", "pretitle": self.object.name,
            "cancel": f"{address(self.object)}?tab=tier", "pack": pack_in_force(),
        }  # fmt: skip

    def place_error(self, form: Any, field: str, sentences: list[str]) -> None:
        """Services name `answers.<question>`."""
        super().place_error(form, field.removeprefix("answers."), sentences)

    def save(self, form: Any) -> HttpResponseBase:
        """Record the answers and say which tier they came to."""
        system = answer_questionnaire(
            actor=self.person, door=Door.WEB, system=self.object, answers=form.answers(),
            expected=form.cleaned_data["seen"],
        )  # fmt: skip
        outcome = f"The tier is now “{system.tier}”." if system.tier else "The answers do not decide a tier yet."
        return self.done(outcome, f"{address(self.object)}?tab=tier")


def questions() -> list[Any]:
    """The questionnaire of the pack in force; empty while there is none."""
    pack = pack_in_force()
    return [_Question(question) for question in pack.document["tiers"]["questionnaire"]] if pack else []


class _Question:
    """A question read from the stored document."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self.id, self.text, self.help = stored["id"], stored["text"], stored.get("help", "")
        self.options = [_Option(option) for option in stored["options"]]


class _Option:
    """One possible answer."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self.value, self.label = stored["value"], stored["label"]


class SystemMove(ActionPage[System]):
    """Move a system to another phase, or retire it."""

    permission = Permission.SYSTEM_VIEW
    verb = "system.move"
    lookups = {"slug": "slug"}
    fields = frozenset({"verb", "reason"})

    def objects(self) -> QuerySet[System]:
        """The system."""
        return System.objects.defer("search")

    def act(self) -> HttpResponseBase:
        """The machine decides; the service asks it under the row lock."""
        verb = self.chosen("verb", SYSTEM.transitions)
        system = move_system(
            actor=self.person, door=Door.WEB, system=self.object, verb=verb, reason=self.text("reason", 500)
        )
        return self.done(f"The system is now in phase “{system.get_phase_display()}”.", address(self.object))


def system_actions(request: Any, system: System) -> list[slots.Action]:
    """The buttons of a system's page that the inventory itself offers."""
    allowed = rights.permissions_of(request.user, system)
    here = [system.slug]
    links = (
        (Permission.SYSTEM_CHANGE, "Edit the record", "pencil", "system_change"),
        (Permission.SYSTEM_CHANGE, "Answer the questionnaire", "list-check", "system_answer"),
        (Permission.RELEASE_CHANGE, "Describe a release", "package", "release_create"),
        (Permission.IMPORT_RUN, "Bring in a legacy approval", "archive", "legacy_bring_in"),
    )
    actions = [
        slots.Action(label, reverse(f"inventory:{name}", args=here), icon, link=True)
        for permission, label, icon, name in links
        if permission in allowed
    ]
    offers = SYSTEM.offered(system.phase, allowed=allowed, facts=system_facts(system))
    move = reverse("inventory:system_move", args=here)
    phases = tuple(
        (offer.verb, System.Phase(offer.verb.removeprefix("move_to_")).label)
        for offer in offers
        if offer.open and offer.verb != "retire"
    )
    if phases:
        actions.append(
            slots.Action(
                "Move to another phase", move, "steering-wheel", asks_reason=True, choice_name="verb", choices=phases
            )
        )
    retire = slots.Action(
        "Retire the system", move, "archive", "outline-danger", asks_reason=True, fields=(("verb", "retire"),),
        confirm="A retired system has no further releases. Retire it?",
    )  # fmt: skip
    return actions + slots.offered(offers, {"retire": retire})
