"""My work, the home of everybody, and the choice of colours. Everything shown comes from slots."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponseBase, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.web import slots
from governance.web.newcomers import whom_to_ask
from governance.web.pages import Declared, Page, WritingPage
from governance.web.slots import Group, WorkItem


class MyWork(Page):
    """What waits for me, what is due soon, what I started; for the governance team also the figures."""

    permission = Declared.SIGNED_IN
    template_name = "web/my_work.html"

    def context(self) -> dict[str, Any]:
        """Three lists and the figures."""
        now = portal_now()
        lists = {group.value: _rows(slots.work(self.person, group, slots.SHOWN), now) for group in Group}
        return {
            **super().context(), **lists, "stats": slots.stats(self.request),
            "whom_to_ask": None if any(lists.values()) else whom_to_ask(self.person),
            "can_register": rights.can(self.person, Permission.SYSTEM_ADD),
        }  # fmt: skip


def _rows(items: list[WorkItem], now: datetime) -> list[dict[str, Any]]:
    return [{**asdict(item), "overdue": item.due is not None and item.due <= now} for item in items]


class ThemeForm(forms.Form):
    """Which colours, and where to go back to."""

    theme = forms.ChoiceField(choices=User.Theme.choices)
    next = forms.CharField(required=False, max_length=2000)


class ThemeChoice(WritingPage):
    """Remember which colours the person wants."""

    permission = Declared.SIGNED_IN
    verb = "person.change"
    http_method_names = ["post"]

    def post(self, *args: object, **kwargs: object) -> HttpResponseBase:
        """Save the choice and go back."""
        form = ThemeForm(self.request.POST)
        self.refuse_unknown(set(form.fields))
        if not form.is_valid():
            raise InvalidInput({name: [str(text) for text in errors] for name, errors in form.errors.items()})
        with acting(self.person, door=Door.WEB, verb=self.verb):
            User.objects.filter(pk=self.person.pk).update(theme=form.cleaned_data["theme"])
        back = form.cleaned_data["next"]
        safe = url_has_allowed_host_and_scheme(back, {self.request.get_host()}, self.request.is_secure())
        return HttpResponseRedirect(back if safe else "/")
