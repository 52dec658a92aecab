"""Machines' tokens: mint one for what one has the right to, see them, revoke them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import Token, User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.web.pages import ActionPage, Declared, FormPage, Page
from inventory.forms import TokenForm
from inventory.models import System, Unit
from inventory.services.tokens import mint_token, revoke_token, visible_tokens

LONGEST_LIST = 200


class TokenList(Page):
    """The tokens one minted or answers for; for governance, all. Their text is shown nowhere."""

    permission = Declared.SIGNED_IN
    takes = frozenset()
    template_name = "inventory/token_list.html"

    def context(self) -> dict[str, Any]:
        """Newest first, with the present to tell what has ended."""
        return {**super().context(), "tokens": visible_tokens(self.person)[:LONGEST_LIST], "now": portal_now()}


class TokenCreate(FormPage):
    """Mint a token; its text is shown on the answer to this form and never again."""

    permission = Declared.SIGNED_IN
    verb = "token.create"
    template_name = "web/form.html"
    form_class = TokenForm

    def initial(self) -> dict[str, Any]:
        """The system a link asked for."""
        return {"systems": self.request.GET.get("system", "")[:120], "days": 30}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Mint a token", "submit": "Mint the token",
            "cancel": reverse("inventory:token_list"),
            "lead": "A token lets a machine act for you: it does what its scopes allow, on the systems you name, and "
            "you answer for it.",
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """The service judges what the person may hand on."""
        values: Mapping[str, Any] = form.cleaned_data
        minted = mint_token(
            actor=self.person, person=self.person, name=values["name"], description=values["description"],
            scopes=values["scopes"], expiry=portal_now() + timedelta(days=values["days"]),
            systems=self._named(System, "systems", values), units=self._named(Unit, "units", values), door=Door.WEB,
        )  # fmt: skip
        self.template_name = "inventory/token_minted.html"  # type: ignore[misc]
        answer = self.show(token=minted.token, text=minted.text)
        answer["Cache-Control"] = "no-store"
        return answer

    def _named(self, model: type[Any], field: str, values: Mapping[str, Any]) -> list[Any]:
        """What the addresses stand for, among what the person may mint for; the rest is as good as unknown."""
        slugs = dict.fromkeys(values[field].replace(",", " ").split())
        seen = rights.visible(self.person, model._default_manager.all(), Permission.TOKEN_MINT)
        found = {place.slug: place for place in seen.filter(slug__in=list(slugs)[:LONGEST_LIST])}
        if unknown := [slug for slug in slugs if slug not in found]:
            raise InvalidInput({field: [f"You can mint for nothing of this address: {', '.join(unknown)}."]})
        return [found[slug] for slug in slugs]


class TokenRevoke(ActionPage[Token]):
    """Revoke a token now."""

    permission = Permission.SYSTEM_VIEW
    verb = "token.revoke"

    def objects(self) -> QuerySet[Token]:
        """Those the person may see."""
        return visible_tokens(self.person)

    def find(self, person: User, kwargs: Mapping[str, Any]) -> Token:
        """The token. Tokens hang on no system, so who sees one is the service's own rule."""
        found = self.objects().filter(pk=kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    def act(self) -> HttpResponseBase:
        """Revoke it and go back to the list."""
        revoke_token(actor=self.person, token=self.object, door=Door.WEB)
        return self.done(f"“{self.object.name}” is refused from now on.", reverse("inventory:token_list"))
