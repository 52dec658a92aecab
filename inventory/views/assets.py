"""Assets: the list, the page of one, its forms, its verbs, and how far its failure would spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Door, acting
from governance.lifecycle import Forbidden, Reason
from governance.web import slots
from governance.web.pages import ActionPage, DetailPage, FormPage, ListPage, ObjectFormPage, ObjectMixin, Page
from inventory import dependencies, queries
from inventory.asset_forms import AssetFilters, AssetForm, VersionForm
from inventory.controls.standing import controls_shown
from inventory.lifecycle import ASSET
from inventory.models import Asset, UnitClosure
from inventory.rules import fields_of
from inventory.services.assets import (
    ALL_FIELDS,
    MOVES,
    add_asset_version,
    asset_offers,
    asset_version,
    change_asset,
    create_asset,
    permitted,
    require_on_asset,
)

P = Permission
LABELS = {
    "withdraw": ("Withdraw it", "hand-stop", "outline-danger"),
    "breach": ("Declare a breach", "alert-octagon", "outline-danger"),
    "end_support": ("Note the end of support", "hourglass", ""),
    "restore": ("Return it to use", "arrow-back-up", ""),
}


LABELS_OF_FIELDS = {field.name: str(field.verbose_name) for field in Asset._meta.fields}


def address(asset: Asset) -> str:
    """Where an asset's page is."""
    return reverse("inventory:asset_detail", args=[asset.slug])


class AssetMixin(ObjectMixin[Asset]):
    """Finds an asset among those the person may see, and judges rights on it."""

    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[Asset]:
        """Assets with what their page needs."""
        return dependencies.asset_pages()

    def find(self, person: User, kwargs: Mapping[str, Any]) -> Asset:
        """The asset the address names. Raises NotVisible for an unknown and for an invisible one alike."""
        found = dependencies.assets_for(person, self.objects()).filter(slug=kwargs["slug"]).first()
        if found is None:
            raise NotVisible
        return found


def authorise(page: Any, asset: Asset) -> None:
    """Raise unless the person has the page's right on the asset; what is refused to a POST leaves a denial."""
    if page.request.method != "POST":
        require_on_asset(page.person, page.permission, asset)
        return
    with acting(page.person, door=Door.WEB, verb=page.verb):
        require_on_asset(page.person, page.permission, asset)


class AssetList(ListPage[Asset]):
    """Assets the person may see, filtered, a slice at a time."""

    permission = P.SYSTEM_VIEW
    template_name = "inventory/asset_list.html"
    filter_class = AssetFilters
    orders = {"changed": ("-updated_at", "-id"), "name": ("name", "id")}
    default_order = "changed"

    def filter_arguments(self) -> dict[str, Any]:
        """Units that keep an asset the person may see."""
        holding = dependencies.assets_for(self.person).order_by().values("unit")
        above = UnitClosure.objects.filter(rights.among("descendant", holding)).values("ancestor")
        return {"units": queries.unit_choices().filter(rights.among("pk", above))}

    def objects(self) -> QuerySet[Asset]:
        """Assets with unit and newest version."""
        return dependencies.asset_rows()

    def rows(self) -> QuerySet[Asset]:
        """Every asset the person may see that fits the filters."""
        return self.narrow(dependencies.assets_for(self.person, self.objects()), self.filters.cleaned_data)

    def narrow(self, rows: QuerySet[Asset], wanted: Mapping[str, Any]) -> QuerySet[Asset]:
        """By kind, state, unit with all below it, and words."""
        for name in ("kind", "state"):
            if value := wanted.get(name):
                rows = rows.filter(**{name: value})
        if unit := wanted.get("unit"):
            rows = rows.filter(unit__in=UnitClosure.objects.filter(ancestor=unit).values("descendant"))
        return dependencies.found(rows, wanted["q"]) if wanted.get("q") else rows

    def context(self) -> dict[str, Any]:
        """Adds whether the person may register assets."""
        may = dependencies.units_to_register_in(self.person).exists()
        return {**super().context(), "may_register": may}


class AssetDetail(AssetMixin, DetailPage[Asset]):
    """One asset: what is said of it, its versions, what it needs, what needs it, and what the person can do."""

    permission = P.SYSTEM_VIEW
    template_name = "inventory/asset_detail.html"

    def context(self) -> dict[str, Any]:
        """Fields of its kind, versions, edges either way, buttons."""
        asset = self.object
        edges = dependencies.edges(self.person)
        allowed = permitted(self.person, asset)
        needing = list(edges.filter(on_asset=asset, ended_at=None)[:200])
        total = asset.dependents.filter(ended_at=None).count()
        return {
            **super().context(), "asset": asset,
            "facts": [(LABELS_OF_FIELDS[name], _shown(asset, name)) for name in fields_of(asset.kind)
                      if name != "description"],
            "versions": asset.versions.select_related("created_by")[:100],
            "needs": edges.filter(asset=asset, ended_at=None)[:200], "needing": needing,
            "hidden": max(total - len(needing), 0),
            "actions": asset_actions(self.person, asset, allowed),
            "may_link": P.ASSET_CHANGE in allowed,
            "controls": controls_shown(asset, P.ASSET_CHANGE in allowed),
        }  # fmt: skip


def _shown(asset: Asset, name: str) -> Any:
    display = getattr(asset, f"get_{name}_display", None)
    return display() if display else getattr(asset, name)


def asset_actions(person: User, asset: Asset, allowed: frozenset[str]) -> list[slots.Action]:
    """The buttons of an asset's page."""
    links = (
        ("Edit what is said of it", "pencil", "asset_change"),
        ("Add a version", "versions", "asset_add_version"),
        ("Say what it needs", "link", "asset_link"),
    )
    actions = [
        slots.Action(label, reverse(f"inventory:{name}", args=[asset.slug]), icon, link=True)
        for label, icon, name in links
        if P.ASSET_CHANGE in allowed
    ]
    move = reverse("inventory:asset_move", args=[asset.slug])
    described = {
        verb: slots.Action(label, move, icon, style, asks_reason=True, fields=(("verb", verb),))
        for verb, (label, icon, style) in LABELS.items()
    }
    return actions + slots.offered(asset_offers(asset, person), described)


class AssetCreate(FormPage):
    """Register an asset; its kind stands in the address, because it decides what is asked, or is chosen first."""

    permission = P.ASSET_CHANGE
    verb = "asset.create"
    template_name = "web/form.html"
    form_class = AssetForm

    def prepare(self) -> None:
        """The right may come from a unit or from a system in it."""
        if not dependencies.units_to_register_in(self.person).exists():
            self._refuse()
        checks = Checks()
        kind = self.request.GET.get("kind", "")
        self.kind = checks.choice("kind", kind, Asset.Kind.values) if kind else ""
        checks.done()

    def _refuse(self) -> None:
        refusal = Forbidden(Reason("forbidden", f"You need the right to {self.permission.words} on a unit or system."))
        if self.request.method != "POST":
            raise refusal
        with acting(self.person, door=Door.WEB, verb=self.verb):
            raise refusal

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The form of the kind, or the kinds to choose from."""
        if self.kind:
            return super().get(request, *args, **kwargs)
        context = {**Page.context(self), "kinds": Asset.Kind.choices}
        return render(request, "inventory/asset_kinds.html", context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Register it; without a kind nothing else can be judged but whether the fields exist at all."""
        if not self.kind:
            self.refuse_unknown({"name", "unit", "seen", *ALL_FIELDS})
            raise InvalidInput({"kind": ["Is required, in the address."]})
        return super().post(request, *args, **kwargs)

    def form_arguments(self) -> dict[str, Any]:
        """The kind, and the units the person may choose."""
        return {"kind": self.kind, "units": dependencies.units_to_register_in(self.person)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": f"Register: {Asset.Kind(self.kind).label}", "submit": "Register",
            "cancel": reverse("inventory:asset_list"),
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Register it and go to its page."""
        values = form.cleaned_data
        asset = create_asset(
            actor=self.person, door=Door.WEB, unit=values["unit"], kind=self.kind, name=values["name"],
            **form.described(),
        )  # fmt: skip
        return self.done(f"“{asset.name}” is registered. Next: add its version.", address(asset))


class AssetForms(AssetMixin, ObjectFormPage[Asset], abstract=True):
    """A form about one asset."""

    permission = P.ASSET_CHANGE
    template_name = "web/form.html"

    def authorise(self, target: Any) -> None:
        """By the unit that keeps it, or by a system in that unit."""
        authorise(self, cast("Asset", target))


class AssetChange(AssetForms):
    """Change what describes an asset."""

    verb = "asset.change"
    form_class = AssetForm

    def form_arguments(self) -> dict[str, Any]:
        """Its kind, its unit, and the units it may move to."""
        here = queries.unit_choices().filter(pk=self.object.unit_id)
        return {"kind": self.object.kind, "units": dependencies.units_to_register_in(self.person) | here}

    def initial(self) -> dict[str, Any]:
        """The asset as it is, and a word for exactly this state of it."""
        said = {name: getattr(self.object, name) for name in ("name", *fields_of(self.object.kind))}
        return {**said, "unit": self.object.unit_id, "seen": asset_version(self.object)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": "Edit what is said of it", "pretitle": self.object.name, "cancel": address(self.object)}
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Write it, unless somebody else did in the meantime."""
        values = form.cleaned_data
        change_asset(
            actor=self.person, door=Door.WEB, asset=self.object, name=values["name"], unit=values["unit"],
            expected=values["seen"], **form.described(),
        )  # fmt: skip
        return self.done("The asset was changed.", address(self.object))


class AssetAddVersion(AssetForms):
    """Add a version of an asset."""

    verb = "asset.add_version"
    form_class = VersionForm

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Add a version", "pretitle": self.object.name,
            "cancel": address(self.object),
            "lead": "Systems that depend on its newest version need their approval renewed.",
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Add it."""
        made = add_asset_version(actor=self.person, door=Door.WEB, asset=self.object, **form.cleaned_data)
        return self.done(f"Version {made.version} was added.", address(self.object))


class AssetMove(AssetMixin, ActionPage[Asset]):
    """Withdraw an asset, declare it breached, note the end of its support, or return it to use."""

    permission = P.SYSTEM_VIEW
    verb = "asset.withdraw"
    fields = frozenset({"verb", "reason"})

    def act(self) -> HttpResponseBase:
        """The machine decides; the service asks it under the row lock."""
        verb = self.chosen("verb", ASSET.transitions)
        asset = MOVES[verb](actor=self.person, asset=self.object, reason=self.text("reason", 2000), door=Door.WEB)
        return self.done(f"The asset is now: {asset.get_state_display().lower()}.", address(asset))
