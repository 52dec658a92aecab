"""The inventory in the governance team's window: looked at as it is, changed by the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.office import OfficeVerb, Records, office
from inventory.models import (
    Artifact,
    Document,
    DocumentRevision,
    EvidenceFile,
    EvidenceLink,
    ImportedRow,
    ImportRun,
    Release,
    System,
    Unit,
    UnmappedValue,
)
from inventory.services import change_system, change_unit, create_system, create_unit, move_system
from inventory.services.imports import resolve_unmapped

P = Permission

if TYPE_CHECKING:
    AnyLines = admin.TabularInline[Any, Any]
else:
    AnyLines = admin.TabularInline


class UnitForm(forms.Form):
    """A new unit."""

    name = forms.CharField(max_length=300)
    parent = forms.ModelChoiceField(Unit.objects.all(), required=False, empty_label="At the top")


class UnitChangeForm(forms.Form):
    """A new name for a unit."""

    name = forms.CharField(max_length=300)


class UnitMoveForm(forms.Form):
    """Another place for a unit."""

    parent = forms.ModelChoiceField(Unit.objects.all(), required=False, empty_label="At the top")


class SystemForm(forms.Form):
    """A new system; everything else is said on its own page."""

    name = forms.CharField(max_length=500)
    unit = forms.ModelChoiceField(Unit.objects.all())


class SystemMoveForm(forms.Form):
    """Another unit for a system."""

    unit = forms.ModelChoiceField(Unit.objects.all())


class PhaseForm(forms.Form):
    """Another phase for a system."""

    phase = forms.ChoiceField(
        choices=[
            choice for choice in System.Phase.choices if choice[0] in {"planned", "development", "pilot", "production"}
        ]
    )
    reason = forms.CharField(max_length=500, required=False)


def _add_unit(actor: User, obj: None, values: Mapping[str, Any]) -> Unit:
    return create_unit(actor=actor, door=Door.ADMIN, **values)


def _rename_unit(actor: User, obj: Unit, values: Mapping[str, Any]) -> Unit:
    return change_unit(actor=actor, unit=obj, door=Door.ADMIN, **values)


def _move_unit(actor: User, obj: Unit, values: Mapping[str, Any]) -> Unit:
    return change_unit(actor=actor, unit=obj, move=True, door=Door.ADMIN, **values)


def _add_system(actor: User, obj: None, values: Mapping[str, Any]) -> System:
    return create_system(actor=actor, door=Door.ADMIN, **values)


def _move_system(actor: User, obj: System, values: Mapping[str, Any]) -> System:
    return change_system(actor=actor, system=obj, door=Door.ADMIN, **values)


def _change_phase(actor: User, obj: System, values: Mapping[str, Any]) -> System:
    return move_system(
        actor=actor, system=obj, verb=f"move_to_{values['phase']}", reason=values["reason"], door=Door.ADMIN
    )


@admin.register(Unit, site=office)
class UnitRecords(Records):
    """Business units."""

    list_display = ("name", "slug", "parent")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    fields = ("name", "slug", "parent")
    verbs: ClassVar = {
        "create": OfficeVerb("Add a unit", P.UNIT_CHANGE, "unit.create", _add_unit, UnitForm, of_list=True),
        "rename": OfficeVerb("Rename", P.UNIT_CHANGE, "unit.change", _rename_unit, UnitChangeForm),
        "move": OfficeVerb("Hang elsewhere", P.UNIT_CHANGE, "unit.change", _move_unit, UnitMoveForm),
    }


@admin.register(System, site=office)
class SystemRecords(Records):
    """Systems."""

    list_display = ("name", "slug", "unit", "phase", "tier", "impact", "updated_at")
    list_select_related = ("unit",)
    list_filter = ("phase", "impact", "origin", "tier")
    search_fields = ("name", "slug")
    ordering = ("-updated_at", "-id")
    fields = (
        "name", "slug", "unit", "phase", "tier", "tier_reason", "tier_pack", "impact", "origin", "vendor", "own_role",
        "personal_data", "purpose", "intended_use", "out_of_scope_use", "affected_groups", "human_oversight",
        "answers", "created_at", "updated_at",
    )  # fmt: skip
    links = (("Import an inventory", "inventory:import_new"),)
    verbs: ClassVar = {
        "create": OfficeVerb("Register a system", P.SYSTEM_ADD, "system.create", _add_system, SystemForm, of_list=True),
        "move": OfficeVerb("Move to another unit", P.SYSTEM_CHANGE, "system.change", _move_system, SystemMoveForm),
        "phase": OfficeVerb("Change its phase", P.SYSTEM_CHANGE, "system.move", _change_phase, PhaseForm),
    }

    def view_on_site(self, obj: System) -> str:
        """Its page in the portal."""
        return f"/systems/{obj.slug}/"


class Lines(AnyLines):
    """Rows that belong to a record; only ever looked at."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by the admin's form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by the admin's form."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the record sees its lines."""
        return True


class ArtifactLines(Lines):
    """The bill of materials."""

    model = Artifact
    fields = ("name", "kind", "version", "sha256", "uri")


@admin.register(Release, site=office)
class ReleaseRecords(Records):
    """Releases."""

    list_display = ("system", "version", "state", "created_by", "created_at")
    list_select_related = ("system", "created_by")
    list_filter = ("state",)
    search_fields = ("version", "system__name", "system__slug")
    fields = (
        "system", "version", "state", "notes", "predecessor", "rollback_target", "lineage", "suspended_by",
        "created_by", "created_at", "updated_at",
    )  # fmt: skip
    inlines = (ArtifactLines,)

    def view_on_site(self, obj: Release) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/releases/{obj.pk}/"


class RevisionLines(Lines):
    """Every saved state."""

    model = DocumentRevision
    fields = ("number", "author", "contact", "created_at")


@admin.register(Document, site=office)
class DocumentRecords(Records):
    """Documents."""

    list_display = ("title", "system", "template", "created_at")
    list_select_related = ("system",)
    search_fields = ("title", "system__name")
    fields = ("system", "template", "title", "created_at")
    inlines = (RevisionLines,)


class EvidenceLines(Lines):
    """Where a file is attached."""

    model = EvidenceLink
    fields = ("system", "document", "name", "added_by", "added_at")


@admin.register(EvidenceFile, site=office)
class EvidenceRecords(Records):
    """Evidence files: what they are, never the files themselves."""

    permission = P.LEDGER_VIEW
    list_display = ("sha256", "size", "media_type", "uploaded_by", "uploaded_at")
    list_select_related = ("uploaded_by",)
    search_fields = ("sha256", "links__name")
    fields = ("sha256", "size", "media_type", "uploaded_by", "uploaded_at")
    inlines = (EvidenceLines,)


class MeaningForm(forms.Form):
    """What a written value means, in one of our words."""

    meaning = forms.CharField(max_length=60, help_text="A word of the field, such as “pilot” for a phase.")


def _resolve(actor: User, obj: UnmappedValue, values: Mapping[str, Any]) -> UnmappedValue:
    return resolve_unmapped(actor=actor, value=obj, door=Door.ADMIN, **values)


@admin.register(ImportRun, site=office)
class ImportRunRecords(Records):
    """Every file taken in."""

    permission = P.LEDGER_VIEW
    list_display = ("file_name", "source", "at", "person", "rows", "created", "updated", "vanished")
    list_select_related = ("person",)
    list_filter = ("source",)
    search_fields = ("file_name", "file_sha256")
    fields = (
        "file_name", "file_sha256", "file_bytes", "encoding", "source", "mapping", "mapping_version", "person", "at",
        "rows", "created", "updated", "unchanged", "vanished", "counts", "conflicts",
    )  # fmt: skip
    links = (("Import an inventory", "inventory:import_new"),)

    def view_on_site(self, obj: ImportRun) -> str:
        """Its page in the portal."""
        return f"/imports/{obj.pk}/"


@admin.register(ImportedRow, site=office)
class ImportedRowRecords(Records):
    """What each register says about each system, as written."""

    list_display = ("name", "source", "line", "system", "gone_since")
    list_select_related = ("system", "gone_since")
    list_filter = ("source",)
    search_fields = ("name", "identifier")
    fields = (
        "system", "source", "identifier", "units", "name", "line", "written", "kept", "mapped", "dates", "run",
        "seen_in", "gone_since",
    )  # fmt: skip


@admin.register(UnmappedValue, site=office)
class UnmappedValueRecords(Records):
    """Written values nobody has read yet."""

    permission = P.LEDGER_VIEW
    list_display = ("written", "source", "field", "rows", "state", "meaning", "decided_by")
    list_select_related = ("decided_by",)
    list_filter = ("state", "source", "field")
    search_fields = ("written",)
    fields = ("written", "source", "field", "rows", "state", "meaning", "decided_by", "decided_at", "first_seen_in")
    verbs: ClassVar = {
        "resolve": OfficeVerb("Say what it means", P.IMPORT_RUN, "inventory.resolve", _resolve, MeaningForm),
    }
