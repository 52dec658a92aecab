"""Controls on pages: the tab of a system, the card of an asset, and the forms that say how one control stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.web.pages import ObjectFormPage
from inventory import queries
from inventory.controls import Control, controls_of
from inventory.controls.standing import Subject, controls_shown, standings
from inventory.evidence.content import LARGEST, MEGABYTE
from inventory.forms import LookMixin
from inventory.models import ControlFact, System
from inventory.services.controls import record_controls
from inventory.services.evidence import attached
from inventory.views.assets import AssetForms
from inventory.views.assets import address as asset_address

P = Permission


class ControlForm(LookMixin, forms.Form):
    """How one control stands."""

    state = forms.ChoiceField(label="How it stands", choices=ControlFact.State.choices, widget=forms.RadioSelect)
    stated_on = forms.DateField(
        label="As of", widget=forms.DateInput({"type": "date"}), help_text="The day the evidence speaks of."
    )
    note = forms.CharField(
        label="How it is done, or what is missing", required=False, max_length=4000, widget=forms.Textarea({"rows": 3}),
    )  # fmt: skip
    url = forms.CharField(
        label="Address of the evidence", required=False, max_length=1000, help_text="Begins with https://."
    )


class ControlFileForm(ControlForm):
    """The same, with a file; it is attached to the system."""

    file = forms.FileField(
        label="Or a file", required=False, max_length=1000,
        help_text=f"At most {LARGEST // MEGABYTE} MB. It is kept under its SHA-256 and never changes.",
    )  # fmt: skip


def _control(noun: str, name: str) -> Control:
    found = next((one for one in controls_of(noun) if one.id == name), None)
    if found is None:
        raise NotVisible
    return found


def _opened(subject: Subject, control: Control) -> dict[str, Any]:
    """As it was said last, as of today; the evidence of then is not that of now."""
    last = next(one.fact for one in standings(subject) if one.control == control)
    said = {"state": last.state, "note": last.note} if last else {"state": ControlFact.State.UNKNOWN}
    return {**said, "stated_on": portal_now().date()}


def _words(subject: Subject, control: Control, back: str) -> dict[str, Any]:
    return {"heading": control.title, "pretitle": subject.name, "lead": control.asks, "cancel": back}


def place_error(form: Any, field: str, sentences: list[str]) -> None:
    """`facts.0.note` is the note of the form."""
    name = field.removeprefix("facts.0.")
    form.add_error(name if name in form.fields else None, sentences)


def tab_address(system: System) -> str:
    """Where the controls of a system are shown."""
    return f"{reverse('inventory:system_detail', args=[system.slug])}?tab=controls"


class SystemControl(ObjectFormPage[System]):
    """Say how a control of a system stands."""

    permission = P.DOCUMENT_CHANGE
    verb = "control.record"
    template_name = "web/form.html"
    form_class = ControlFileForm
    lookups = {"slug": "slug"}
    control: Control

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return queries.system_pages()

    def prepare(self) -> None:
        """Also find the control. Raises NotVisible for one the catalogue does not have."""
        super().prepare()
        self.control = _control("system", self.kwargs["control"])

    def initial(self) -> dict[str, Any]:
        """As it was said last."""
        return _opened(self.object, self.control)

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {**super().context(), **_words(self.object, self.control, tab_address(self.object))}

    def place_error(self, form: Any, field: str, sentences: list[str]) -> None:
        """Beside the field."""
        place_error(form, field, sentences)

    def save(self, form: Any) -> HttpResponseBase:
        """Keep the file, if there is one, and record the word."""
        fact = dict(form.cleaned_data)
        if file := fact.pop("file"):
            link = attached(actor=self.person, system=self.object, content=file, name=file.name, door=Door.WEB)
            fact["evidence"] = link.pk
        fact["control"] = self.control.id
        record_controls(actor=self.person, subject=self.object, facts=[fact], door=Door.WEB)
        return self.done(f"{self.control.title} is recorded.", tab_address(self.object))


class AssetControl(AssetForms):
    """Say how a control of an asset stands."""

    permission = P.ASSET_CHANGE
    verb = "control.record"
    form_class = ControlForm
    control: Control

    def prepare(self) -> None:
        """Also find the control. Raises NotVisible for one the catalogue does not have."""
        super().prepare()
        self.control = _control("asset", self.kwargs["control"])

    def initial(self) -> dict[str, Any]:
        """As it was said last."""
        return _opened(self.object, self.control)

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {**super().context(), **_words(self.object, self.control, asset_address(self.object))}

    def place_error(self, form: Any, field: str, sentences: list[str]) -> None:
        """Beside the field."""
        place_error(form, field, sentences)

    def save(self, form: Any) -> HttpResponseBase:
        """Record the word."""
        fact = {**form.cleaned_data, "control": self.control.id}
        record_controls(actor=self.person, subject=self.object, facts=[fact], door=Door.WEB)
        return self.done(f"{self.control.title} is recorded.", asset_address(self.object))


def system_tab(request: HttpRequest, system: System) -> Mapping[str, Any]:
    """The tab of a system."""
    person = request.user
    assert isinstance(person, User)  # noqa: S101  a page of signed-in people
    return controls_shown(system, rights.can(person, P.DOCUMENT_CHANGE, system))
