"""Dependencies on pages: the forms that say and end them, and the graph of what a failure would spread to."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.web.pages import ActionPage, DetailPage, ObjectFormPage
from inventory import dependencies
from inventory.asset_forms import DependencyForm
from inventory.dependencies import DRAWN, Spread
from inventory.graph import Drawing, Node, draw
from inventory.models import Asset, Dependency, System
from inventory.services.dependencies import create_dependency, end_dependency
from inventory.views import assets

P = Permission
SUGGESTED = 100


def back_to(start: Asset | System) -> str:
    """The page on which the dependencies of a system or asset stand."""
    if isinstance(start, Asset):
        return assets.address(start)
    return f"{reverse('inventory:system_detail', args=[start.slug])}?tab=dependencies"


def _suggested_assets(person: User) -> list[tuple[str, str]]:
    rows = dependencies.assets_for(person).order_by("-updated_at", "-id")
    return list(rows.values_list("slug", "name")[:SUGGESTED])


def _target(person: User, values: dict[str, Any]) -> Asset | System:
    """The end that was named. Raises InvalidInput, the same for unknown and for invisible."""
    if slug := values.get("on_asset"):
        asset = dependencies.assets_for(person).filter(slug=slug).first()
        if asset is None:
            raise InvalidInput({"on_asset": ["No asset you may see has this address."]})
        return asset
    system = rights.visible(person, System.objects.all()).filter(slug=values["on_system"]).first()
    if system is None:
        raise InvalidInput({"on_system": ["No system you may see has this address."]})
    return system


def _link(page: Any, start: Asset | System, values: dict[str, Any]) -> HttpResponseBase:
    target = _target(page.person, values)
    try:
        create_dependency(
            actor=page.person, door=Door.WEB, source=start, target=target, relation=values["relation"],
            version=values["version"], note=values["note"],
        )  # fmt: skip
    except InvalidInput as invalid:
        where = "on_asset" if isinstance(target, Asset) else "on_system"
        raise InvalidInput({where if name == "on" else name: said for name, said in invalid.errors.items()}) from None
    return cast("HttpResponseBase", page.done(f"“{start}” depends on “{target}”.", back_to(start)))


class SystemLink(ObjectFormPage[System]):
    """Say what a system depends on."""

    permission = P.DEPENDENCY_CHANGE
    verb = "dependency.create"
    template_name = "web/form.html"
    form_class = DependencyForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def form_arguments(self) -> dict[str, Any]:
        """What may be named."""
        systems = rights.visible(self.person, System.objects.exclude(pk=self.object.pk)).order_by("-updated_at", "-id")
        suggested = list(systems.values_list("slug", "name")[:SUGGESTED])
        return {"assets": _suggested_assets(self.person), "systems": suggested}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Say what it depends on", "pretitle": self.object.name,
            "lead": "Approvals are bound to it: a change asks for a renewal.", "cancel": back_to(self.object),
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Say it."""
        return _link(self, self.object, form.cleaned_data)


class AssetLink(assets.AssetForms):
    """Say which other assets an asset needs."""

    verb = "dependency.create"
    form_class = DependencyForm

    def form_arguments(self) -> dict[str, Any]:
        """What may be named."""
        return {"assets": _suggested_assets(self.person)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": "Say what it needs", "pretitle": self.object.name, "cancel": back_to(self.object)}
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Say it."""
        return _link(self, self.object, form.cleaned_data)


class DependencyEnd(ActionPage[Dependency]):
    """Say that a dependency no longer holds."""

    permission = P.SYSTEM_VIEW
    verb = "dependency.end"
    fields = frozenset({"reason"})

    def find(self, person: User, kwargs: Any) -> Dependency:
        """Among those whose beginning the person may see. Raises NotVisible."""
        found = dependencies.edges(person).filter(pk=kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    def act(self) -> HttpResponseBase:
        """End it."""
        end_dependency(actor=self.person, dependency=self.object, reason=self.text("reason", 500), door=Door.WEB)
        return self.done("The dependency has ended.", back_to(self.object.start))


def drawing(start: Asset | System, spread: Spread) -> Drawing:
    """The nearest of what is reached, in columns by distance."""
    key = start.pk if isinstance(start, Asset) else -start.pk
    nodes = [Node(key, start.name, 0, "start")]
    for one in spread.reached[:DRAWN]:
        stopped = one.kind == "asset" and one.state in {"withdrawn", "breached"}
        nodes.append(Node(one.node, one.name, one.depth, "stopped" if stopped else one.kind))
    return draw(nodes, dependencies.edges_among([node.key for node in nodes]))


def spread_context(person: User, start: Asset | System) -> dict[str, Any]:
    """What the graph and the list beside it need."""
    spread = dependencies.blast_radius(person, start)
    return {
        "start": start, "spread": spread, "drawing": drawing(start, spread), "left_out": len(spread.reached) - DRAWN,
        "back": back_to(start), "deepest": dependencies.DEEPEST,
    }  # fmt: skip


class AssetBlastRadius(assets.AssetMixin, DetailPage[Asset]):
    """What would be hit if the asset failed."""

    permission = P.SYSTEM_VIEW
    template_name = "inventory/blast_radius.html"

    def context(self) -> dict[str, Any]:
        """The graph and the list."""
        return {**super().context(), **spread_context(self.person, self.object)}


class SystemBlastRadius(DetailPage[System]):
    """What would be hit if the system failed."""

    permission = P.SYSTEM_VIEW
    template_name = "inventory/blast_radius.html"
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def context(self) -> dict[str, Any]:
        """The graph and the list."""
        return {**super().context(), **spread_context(self.person, self.object)}
