"""Assets and dependencies over REST, and how far a failure would spread."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.rest.filters import Filter
from governance.rest.idempotency import Answer
from governance.rest.permissions import rights_in
from governance.rest.views import PortalViewSet
from inventory import dependencies
from inventory.api import asset_serializers as shapes
from inventory.api.serializers import Reason
from inventory.dependencies import Spread
from inventory.models import Asset, Dependency, System, Unit
from inventory.services.assets import (
    MOVES,
    add_asset_version,
    asset_offers,
    asset_version,
    change_asset,
    create_asset,
    require_on_asset,
)
from inventory.services.dependencies import create_dependency, end_dependency

P = Permission
_MOVES = ("withdraw", "breach", "end_support", "restore")


class AssetViews(PortalViewSet):
    """What systems are built upon: datasets, base models, libraries, services and more."""

    queryset = dependencies.asset_rows()
    ordering = ("-updated_at", "-id")
    search = "search"
    paged = ("list", "versions")
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": P.ASSET_CHANGE,
        "partial_update": P.ASSET_CHANGE,
        "versions": P.SYSTEM_VIEW,
        "create_version": P.ASSET_CHANGE,
        "withdraw": P.ASSET_STOP,
        "breach": P.ASSET_STOP,
        "end_support": P.ASSET_CHANGE,
        "restore": P.ASSET_RESTORE,
        "blast_radius": P.SYSTEM_VIEW,
    }
    verbs: ClassVar = {
        "create": "asset.create",
        "partial_update": "asset.change",
        "create_version": "asset.add_version",
        **{verb: f"asset.{verb}" for verb in _MOVES},
    }
    serializers: ClassVar = {
        "create": shapes.AssetAdded,
        "partial_update": shapes.AssetChanged,
        "create_version": shapes.VersionAdded,
        **dict.fromkeys(_MOVES, shapes.AssetReason),
    }
    answers: ClassVar = {
        "list": shapes.AssetListed,
        **dict.fromkeys(("retrieve", "create", "partial_update", *_MOVES), shapes.AssetShown),
        "versions": shapes.VersionShown,
        "create_version": shapes.VersionShown,
        "blast_radius": shapes.SpreadShown,
    }
    filters: ClassVar = {
        "kind": Filter("kind", "What it is.", choices=Asset.Kind.values),
        "slug": Filter("slug", "Its address.", limit=120),
        "state": Filter("state", "Whether it may be built upon.", choices=Asset.State.values),
        "unit": Filter("unit__slug", "Slug of the unit that keeps it.", limit=120),
    }

    def get_queryset(self) -> QuerySet[Asset]:
        """The assets this person may see: by their unit, or by a system they stand open to."""
        return dependencies.assets_for(self.person, dependencies.asset_rows())

    def find(self, queryset: QuerySet[Asset], words: str) -> QuerySet[Asset]:
        """The assets that fit, by whole words and by their beginnings, as on the page."""
        return dependencies.found(queryset, words) if words else queryset

    def authorise(self, obj: Model | None) -> None:
        """Judge a changing action by the unit that keeps the asset or a system in that unit."""
        if self.reading or not isinstance(obj, Asset):
            return super().authorise(obj)
        (needed,) = rights_in(self.declared)
        with acting(self.person, door=Door.API, verb=self.verbs[self.action]):
            require_on_asset(self.person, needed, obj)
        return None

    def list(self, request: Request) -> Response:
        """Assets you may see, last changed first."""
        return self.listed(self.filter_queryset(self.get_queryset()), shapes.AssetListed)

    def retrieve(self, request: Request, pk: str) -> Response:
        """Everything recorded of one asset."""
        return self._shown(self.get_object())

    def create(self, request: Request) -> Response:
        """Register an asset that a unit keeps."""
        self.authorise(None)
        values = self.input()
        unit = self._unit(values.pop("unit"))

        def register() -> Answer:
            asset = create_asset(actor=self.person, unit=unit, door=Door.API, **values)
            return self.creation(self._shown(asset).data, f"/api/v1/assets/{asset.pk}/", asset_version(asset))

        return self.created(register)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what describes an asset, or the unit that keeps it."""
        asset = self.get_object()
        expected = self.expected(asset_version(asset))
        values = self.input()
        if "unit" in values:
            values["unit"] = self._unit(values["unit"])
        return self._shown(change_asset(actor=self.person, asset=asset, expected=expected, door=Door.API, **values))

    @action(detail=True)
    def versions(self, request: Request, pk: str) -> Response:
        """The versions of one asset, newest first."""
        return self.listed(self.get_object().versions.select_related("created_by"), shapes.VersionShown, ("-id",))

    @versions.mapping.post
    def create_version(self, request: Request, pk: str) -> Response:
        """Add a version; what depends on the newest one needs its approval renewed."""
        asset = self.get_object()
        values = self.input()

        def add() -> Answer:
            made = add_asset_version(actor=self.person, asset=asset, door=Door.API, **values)
            return self.creation(shapes.VersionShown(made).data, f"/api/v1/assets/{asset.pk}/versions/")

        return self.created(add)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take it out of use; the gate closes for everything that stands on it."""
        return self._moved("withdraw")

    @action(detail=True, methods=["post"])
    def breach(self, request: Request, pk: str) -> Response:
        """Declare it breached; the gate closes for everything that stands on it."""
        return self._moved("breach")

    @action(detail=True, methods=["post"], url_path="end-support")
    def end_support(self, request: Request, pk: str) -> Response:
        """Note that nobody maintains it any longer."""
        return self._moved("end_support")

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Return it to use: somebody other than who stopped it."""
        return self._moved("restore")

    @action(detail=True, url_path="blast-radius")
    def blast_radius(self, request: Request, pk: str) -> Response:
        """Everything that depends on it, directly or through others, with owners and approved releases."""
        return Response(spread_data(dependencies.blast_radius(self.person, self.get_object())))

    def _unit(self, slug: str) -> Unit:
        """The unit of that slug among those the person may register in. Raises InvalidInput."""
        found = dependencies.units_to_register_in(self.person).filter(slug=slug if "\0" not in slug else "").first()
        if found is None:
            raise InvalidInput({"unit": ["No unit in which you may register assets has this slug."]})
        return found

    def _moved(self, verb: str) -> Response:
        asset = self.get_object()
        expected = self.expected(asset_version(asset))
        MOVES[verb](actor=self.person, asset=asset, expected=expected, door=Door.API, **self.input())
        return self._shown(asset)

    def _shown(self, asset: Asset) -> Response:
        fresh: Any = dependencies.asset_rows().select_related("state_by").get(pk=asset.pk)
        fresh.available_actions = asset_offers(fresh, self.person)
        return self.shown(fresh, shapes.AssetShown(fresh).data, asset_version(fresh))


def spread_data(spread: Spread) -> dict[str, Any]:
    """What is reached, in the words of the wire; each owner once."""
    owners = {one.owner: {"username": one.owner, "name": one.owner_name} for one in spread.systems if one.owner}
    data = {
        "systems": [
            {"slug": s.slug, "name": s.name, "depth": s.depth, "state": s.state, "owner": s.owner or None}
            for s in spread.systems
        ],
        "assets": spread.assets,
        "releases": [
            {"id": key, "system": one.slug, "version": version, "state": state, "environments": places}
            for one in spread.systems
            for key, version, state, places in one.releases
        ],
        "owners": list(owners.values()),
        "depth": spread.depth,
        "total": spread.total,
        "hidden": spread.hidden,
        "truncated": spread.truncated,
    }
    return dict(shapes.SpreadShown(data).data)


class DependencyViews(PortalViewSet):
    """What systems and assets need."""

    queryset = Dependency.objects.all()
    ordering = ("-id",)
    permissions: ClassVar = {
        "list": P.SYSTEM_VIEW,
        "retrieve": P.SYSTEM_VIEW,
        "create": (P.DEPENDENCY_CHANGE, P.ASSET_CHANGE),
        "end": (P.DEPENDENCY_CHANGE, P.ASSET_CHANGE),
    }
    verbs: ClassVar = {"create": "dependency.create", "end": "dependency.end"}
    serializers: ClassVar = {"create": shapes.DependencyAdded, "end": Reason}
    answers: ClassVar = dict.fromkeys(("list", "retrieve", "create", "end"), shapes.DependencyShown)
    filters: ClassVar = {
        "asset": Filter("asset__slug", "Slug of the asset that needs.", limit=120),
        "on_asset": Filter("on_asset__slug", "Slug of the asset that is needed.", limit=120),
        "on_system": Filter("on_system__slug", "Slug of the system that is needed.", limit=120),
        "relation": Filter("relation", "In which way.", choices=Dependency.Relation.values),
        "system": Filter("system__slug", "Slug of the system that needs.", limit=120),
    }

    def get_queryset(self) -> QuerySet[Dependency]:
        """The edges whose beginning this person may see."""
        return dependencies.edges(self.person)

    def authorise(self, obj: Model | None) -> None:
        """The service judges by the beginning of the edge."""

    def list(self, request: Request) -> Response:
        """Dependencies that hold now, newest first."""
        return self.listed(self.filter_queryset(self.get_queryset().filter(ended_at=None)), shapes.DependencyShown)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One dependency."""
        edge = self.get_object()
        return self.shown(edge, shapes.DependencyShown(edge).data)

    def create(self, request: Request) -> Response:
        """Say that something needs something."""
        values = self.input()
        source = self._end(values, "system", "asset")
        target = self._end(values, "on_system", "on_asset")

        def say() -> Answer:
            made = create_dependency(actor=self.person, source=source, target=target, door=Door.API, **values)
            edge = self.get_queryset().get(pk=made.pk)
            return self.creation(shapes.DependencyShown(edge).data, f"/api/v1/dependencies/{made.pk}/")

        return self.created(say)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Say that it no longer holds."""
        edge = self.get_object()
        end_dependency(actor=self.person, dependency=edge, door=Door.API, **self.input())
        fresh = self.get_queryset().filter(pk=edge.pk).first()
        if fresh is None:
            raise Http404
        return self.shown(fresh, shapes.DependencyShown(fresh).data)

    def _end(self, values: dict[str, Any], system: str, asset: str) -> System | Asset:
        """The one end that was named. Raises InvalidInput, the same for unknown and for invisible."""
        named = {name: values.pop(name) for name in (system, asset) if name in values}
        if len(named) != 1:
            raise InvalidInput({system: [f"Name either {system} or {asset}."]})
        ((name, slug),) = named.items()
        if "\0" in slug:
            slug = ""
        if name == system:
            found: System | Asset | None = rights.visible(self.person, System.objects.all()).filter(slug=slug).first()
        else:
            found = dependencies.assets_for(self.person).filter(slug=slug).first()
        if found is None:
            raise InvalidInput({name: [f"Nothing you may see has this slug: {slug[:120]}"]})
        return found
