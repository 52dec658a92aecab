"""The ledger explorer: everything the person may read of the record, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.structure import structure
from governance.access.vocabulary import Permission
from governance.ledger import queries
from governance.ledger.models import Event, Head
from governance.ledger.verbs import VERBS
from governance.web.pages import ListPage

LARGEST_HEIGHT = 2**63 - 1


class EventFilters(forms.Form):
    """What the record can be narrowed by."""

    system = forms.SlugField(required=False, max_length=120)
    person = forms.CharField(required=False, max_length=150, help_text="A username.")
    verb = forms.ChoiceField(
        required=False, choices=[("", "Any"), *sorted(VERBS.items(), key=lambda item: item[1])], label="What was done"
    )
    block = forms.IntegerField(required=False, min_value=0, max_value=LARGEST_HEIGHT)


class EventList(ListPage[Event]):
    """The explorer. Who reads the whole ledger sees all of it, others what concerns systems they may read it of."""

    permission = Permission.LEDGER_VIEW
    template_name = "ledger/event_list.html"
    filter_class = EventFilters
    orders = {"newest": ("-id",), "oldest": ("id",)}
    default_order = "newest"
    page_size = 100

    everything = False

    def rows(self) -> QuerySet[Event]:
        """Events the person may read, narrowed."""
        events = queries.events()
        self.everything = rights.can(self.person, Permission.LEDGER_VIEW)
        if not self.everything:
            events = events.filter(system_id__in=self.systems().values("pk"))
        return self.narrow(events, self.filters.cleaned_data)

    def systems(self) -> QuerySet[Any]:
        """Systems whose record the person may read."""
        systems: QuerySet[Any] = structure().system._default_manager.all()
        return rights.visible(self.person, systems, Permission.LEDGER_VIEW)

    def narrow(self, rows: QuerySet[Event], wanted: Mapping[str, Any]) -> QuerySet[Event]:
        """The declared filters."""
        if slug := wanted.get("system"):
            rows = rows.filter(system_id__in=self.systems().filter(slug=slug).values("pk"))
        if username := wanted.get("person"):
            rows = rows.filter(actor_id__in=User.objects.filter(username__iexact=username).values("pk"))
        if verb := wanted.get("verb"):
            rows = rows.filter(verb=verb)
        if (block := wanted.get("block")) is not None:
            rows = rows.filter(link__block=block)
        return rows

    def context(self) -> dict[str, Any]:
        """Acts instead of rows, with the names of the systems they concern, and the newest block."""
        context = super().context()
        told = queries.acts(context["slice"].rows)
        concerned = self.systems().filter(pk__in={act.system_id for act in told if act.system_id})
        names = {system.pk: system for system in concerned.only("pk", "name", "slug")}
        rows = [{"act": act, "system": names.get(act.system_id)} for act in told]
        return {**context, "acts": rows, "head": Head.objects.first()}
