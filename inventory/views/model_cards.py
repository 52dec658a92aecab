"""Documents and bills of materials in the formats of others: model cards in and out, a release as an ML-BOM."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse

from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.web.pages import DetailPage, ObjectFormPage
from inventory import queries
from inventory.documents.model_cards import LARGEST, CardError
from inventory.models import DocumentRevision, Release, System
from inventory.services.boms import bom_of
from inventory.services.model_cards import MODEL_CARD, card_of, import_model_card


class DocumentExport(DetailPage[System]):
    """The newest revision of a document as a file."""

    permission = Permission.SYSTEM_VIEW
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def show(self, status: int = 200, **extra: Any) -> HttpResponse:
        """Markdown with front matter. Raises NotVisible while nobody has written it."""
        name = self.kwargs["template"]
        revision = (
            DocumentRevision.objects.filter(document__system=self.object, document__template=name)
            .select_related("document")
            .order_by("-number")
            .first()
        )
        if revision is None:
            raise NotVisible
        answer = HttpResponse(card_of(self.object, revision), content_type="text/markdown; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.object.slug}-{name}.md"'
        return answer


class BomExport(DetailPage[Release]):
    """A release as a CycloneDX ML-BOM."""

    permission = Permission.SYSTEM_VIEW

    def objects(self) -> QuerySet[Release]:
        """The release."""
        return queries.release_pages()

    def show(self, status: int = 200, **extra: Any) -> HttpResponse:
        """JSON as the format asks for it."""
        text = json.dumps(bom_of(self.object), indent=2, ensure_ascii=False)
        answer = HttpResponse(text, content_type="application/vnd.cyclonedx+json; version=1.6")
        name = f"{self.object.system.slug}-{self.object.pk}.cdx.json"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class CardForm(forms.Form):
    """One card."""

    file = forms.FileField(
        label="Model card", max_length=1000,
        help_text="Markdown, with or without YAML front matter. Sections it does not speak of keep their text.",
        widget=forms.ClearableFileInput({"class": "form-control", "accept": ".md,text/markdown"}),
    )  # fmt: skip


class CardImport(ObjectFormPage[System]):
    """Take a card in as the next revision."""

    permission = Permission.DOCUMENT_CHANGE
    verb = "document.import"
    template_name = "web/form.html"
    form_class = CardForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def context(self) -> dict[str, Any]:
        """The texts of the page."""
        return {
            **super().context(), "heading": "Import a model card", "pretitle": self.object.name, "submit": "Import",
            "lead": "It becomes the next revision, in your name; earlier revisions stay.", "cancel": self._page(),
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Take it in; what is wrong with it stands beside the field."""
        content = form.cleaned_data["file"].read(LARGEST + 1)
        try:
            report = import_model_card(actor=self.person, system=self.object, content=content, door=Door.WEB)
        except CardError as error:
            where = f"Line {error.line}: " if error.line else ""
            raise InvalidInput({"file": [f"{where}{error}"]}) from error
        return self.done("Nothing differs." if report.unchanged else "The card is taken in.", self._page())

    def _page(self) -> str:
        return reverse("inventory:document_detail", args=[self.object.slug, MODEL_CARD])
