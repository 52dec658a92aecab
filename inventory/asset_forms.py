"""Forms of assets and dependencies: they read what was typed; what it means is judged by the services."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inventory.forms import ANY, LookMixin, UnitField
from inventory.models import Asset, Dependency, System, Unit
from inventory.rules import fields_of


def _text(label: str, limit: int, help_text: str = "") -> Callable[[], forms.Field]:
    return lambda: forms.CharField(label=label, max_length=limit, required=False, help_text=help_text)


def _lines(label: str, help_text: str = "") -> Callable[[], forms.Field]:
    return lambda: forms.CharField(
        label=label, help_text=help_text, required=False, max_length=10_000, widget=forms.Textarea({"rows": 3})
    )


def _choice(label: str, choices: Iterable[tuple[str, str]]) -> Callable[[], forms.Field]:
    return lambda: forms.ChoiceField(label=label, choices=list(choices))


FIELDS: dict[str, Callable[[], forms.Field]] = {
    "description": _lines("Description", "What it is and what it is used for. Markdown."),
    "source": _text("Where it comes from", 1000, "An address, a system, a supplier, a collection."),
    "contact": _text("Contact", 254, "Whom to ask: a person or a mailbox."),
    "vendor": _text("Vendor", 300),
    "licence": _text("Licence", 200, "Its name or SPDX id, and who reviewed it."),
    "openness": _choice("Openness", Asset.Openness.choices),
    "lock_in": _lines("What ties us to it", "What it would take to replace it."),
    "contract": _text("Contract", 300, "Number or address of the contract."),
    "contract_ends_on": lambda: forms.DateField(
        label="Contract ends on", required=False, widget=forms.DateInput({"type": "date"})
    ),
    "location": _text("Where it is kept or runs", 300, "Store, cluster, cloud and region."),
    "permission": _choice("Permission to use it", Asset.Consent.choices),
    "permission_basis": _lines("What the permission rests on", "Consent, contract, law, own data; since when."),
    "personal_data": _choice("Personal data", System.Known.choices),
    "synthetic": _choice("Synthetic", System.Known.choices),
    "retention": _text("How long it is kept", 300, "And how it is disposed of afterwards."),
    "representation": _lines("Who is represented, and who is not"),
    "quality_checks": _lines(
        "Quality checks", "Missing values, outliers, duplicates, labels: what was looked at, when."
    ),
    "training_data": _lines("What it was trained on"),
    "access_control": _lines("Who can call or open it", "Authentication, limits on calls, checks of what comes in."),
}


class AssetFilters(LookMixin, forms.Form):
    """What the list of assets can be narrowed by."""

    q = forms.CharField(
        label="Search", required=False, max_length=200,
        widget=forms.TextInput({"type": "search", "placeholder": "Name, vendor, licence …"}),
    )  # fmt: skip
    kind = forms.ChoiceField(required=False, choices=[*ANY, *Asset.Kind.choices])
    state = forms.ChoiceField(required=False, choices=[*ANY, *Asset.State.choices])
    unit = forms.ModelChoiceField(Unit.objects.none(), required=False, to_field_name="slug", empty_label="Any")

    def __init__(self, *args: Any, units: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)  # noqa: S101  declared above
        unit.queryset = Unit.objects.none() if units is None else units


class AssetForm(LookMixin, forms.Form):
    """What describes an asset of one kind. Unknown is a value: nothing here has a made-up default."""

    name = forms.CharField(max_length=300)
    unit = UnitField(Unit.objects.none(), label="Kept by", help_text="The business unit that answers for it.")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)  # noqa: S101  declared above
        unit.queryset = units
        self.asked = fields_of(kind)
        for name in self.asked:
            self.fields[name] = FIELDS[name]()
            if isinstance(self.fields[name], forms.ChoiceField):
                self.fields[name].initial = getattr(Asset(), name)
            look = "form-select" if isinstance(self.fields[name].widget, forms.Select) else "form-control"
            self.fields[name].widget.attrs["class"] = look

    def described(self) -> dict[str, Any]:
        """What was said besides name and unit."""
        return {name: self.cleaned_data[name] for name in self.asked}


class VersionForm(LookMixin, forms.Form):
    """A version of an asset."""

    version = forms.CharField(max_length=200, help_text="As its source names it: a number, a date, a revision.")
    sha256 = forms.CharField(
        label="SHA-256", required=False, max_length=71,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip
    uri = forms.CharField(label="Where it is kept", required=False, max_length=1000)
    notes = forms.CharField(required=False, max_length=10_000, widget=forms.Textarea({"rows": 3}))


class Suggesting(forms.TextInput):
    """A line of text with a list of suggestions."""

    suggestions: tuple[tuple[str, str], ...] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The input and the list it points to."""
        shown = super().render(name, value, {**(attrs or {}), "list": f"{name}-suggestions"}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', self.suggestions)
        return format_html('{}<datalist id="{}-suggestions">{}</datalist>', shown, name, options)


class DependencyForm(LookMixin, forms.Form):
    """What something needs: one asset, or for a system one other system."""

    on_asset = forms.CharField(
        label="Asset", required=False, max_length=120, widget=Suggesting,
        help_text="Its address, for example customer-master.",
    )  # fmt: skip
    on_system = forms.CharField(
        label="Or another system", required=False, max_length=120, widget=Suggesting, help_text="Its address."
    )
    relation = forms.ChoiceField(label="In which way", choices=Dependency.Relation.choices)
    version = forms.CharField(
        required=False, max_length=200, help_text="Of the asset. Left empty, its newest version is meant."
    )
    note = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, assets: Any, systems: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("on_asset", assets), ("on_system", systems)):
            if rows is None:
                del self.fields[name]
                continue
            widget = self.fields[name].widget
            assert isinstance(widget, Suggesting)  # noqa: S101  declared above
            widget.suggestions = tuple(rows)

    def clean(self) -> dict[str, Any]:
        """Exactly one end."""
        values = super().clean() or {}
        if bool(values.get("on_asset")) == bool(values.get("on_system")):
            raise forms.ValidationError("Name one asset or one system.")
        return values
