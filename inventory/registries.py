"""What registries elsewhere say runs, against what was approved here."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.urls import reverse

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.web.slots import WorkItem
from inventory.imports.mlflow import ALIAS
from inventory.models import Artifact, Assignment, ImportedRow, Release

SOURCE = "mlflow:"


def approved_versions(systems: Collection[int]) -> dict[int, set[str]]:
    """By system, the registry versions that are approved: a release or model line of that version, `v` or not."""
    found: dict[int, set[str]] = {pk: set() for pk in systems}
    state = Release.State.APPROVED
    releases = Release.objects.filter(system__in=found, state=state).values_list("system_id", "version")
    lines = Artifact.objects.filter(release__system__in=found, release__state=state, kind=Artifact.Kind.MODEL)
    for pk, version in [*releases, *lines.values_list("release__system_id", "version")]:
        found[pk].add(version.removeprefix("v"))
    return found


def owners_of(systems: Collection[int]) -> dict[int, User]:
    """By system, its owner now."""
    owned = Assignment.objects.current().filter(role=Role.OWNER, system__in=list(systems)).select_related("person")
    return {assignment.system_id: assignment.person for assignment in owned if assignment.system_id is not None}


def unapproved_aliases(person: User) -> Iterable[WorkItem]:
    """Aliases of the person's own models that stand on a version nobody approved."""
    owned = Assignment.objects.current().filter(role=Role.OWNER, person=person, system__isnull=False)
    rows = list(
        ImportedRow.objects.filter(
            system__in=owned.values("system"), source__startswith=SOURCE, gone_since=None
        ).select_related("system", "run")
    )
    approved = approved_versions({row.system_id for row in rows}) if rows else {}
    for row in rows:
        page = reverse("inventory:system_detail", args=[row.system.slug])
        for name, version in sorted(row.kept.items()):
            if name.startswith(ALIAS) and version not in approved[row.system_id]:
                yield WorkItem(
                    f"{row.system}: {name}", f"{page}?tab=imported", "Have it approved, or move the alias back",
                    f"the registry's alias stands on version {version}, which is not approved",
                    since=row.run.at, icon="alert-triangle",
                )  # fmt: skip
