"""Policy packs in the governance team's window: loaded, proposed by one, adopted by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.policy.models import Pack
from governance.policy.packs import LARGEST, PackInvalid
from governance.policy.services import adopt_pack, load_pack, propose_pack, refuse_pack, withdraw_pack
from governance.web.office import OfficeVerb, Records, office

P = Permission


class LoadForm(forms.Form):
    """A pack to check and store as a draft."""

    source = forms.CharField(label="The pack as YAML", widget=forms.Textarea, max_length=LARGEST, strip=False)


class AdoptForm(forms.Form):
    """From when the pack is in force."""

    effective_from = forms.DateTimeField(
        required=False, help_text="Year-month-day hour:minute, in UTC. Empty: from now on. Never in the past."
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=500)


def _load(actor: User, obj: None, values: Mapping[str, Any]) -> Pack:
    try:
        return load_pack(actor=actor, source=values["source"], door=Door.ADMIN)
    except PackInvalid as invalid:
        raise InvalidInput({"source": [str(error) for error in invalid.errors]}) from invalid


def _propose(actor: User, obj: Pack, values: Mapping[str, Any]) -> Pack:
    return propose_pack(actor=actor, pack=obj, door=Door.ADMIN)


def _adopt(actor: User, obj: Pack, values: Mapping[str, Any]) -> Pack:
    return adopt_pack(actor=actor, pack=obj, effective_from=values["effective_from"], door=Door.ADMIN)


def _refuse(actor: User, obj: Pack, values: Mapping[str, Any]) -> Pack:
    return refuse_pack(actor=actor, pack=obj, reason=values["reason"], door=Door.ADMIN)


def _withdraw(actor: User, obj: Pack, values: Mapping[str, Any]) -> Pack:
    return withdraw_pack(actor=actor, pack=obj, reason=values["reason"], door=Door.ADMIN)


@admin.register(Pack, site=office)
class PackRecords(Records):
    """Policy packs."""

    list_display = ("name", "version", "state", "effective_from", "proposed_by", "adopted_by")
    list_select_related = ("proposed_by", "adopted_by")
    list_filter = ("state",)
    search_fields = ("name", "version", "title")
    fields = (
        "name", "version", "title", "state", "effective_from", "digest", "loaded_at", "proposed_by", "adopted_by",
        "source",
    )  # fmt: skip
    pages: ClassVar = (
        ("Compare with the one in force", "policy:pack_difference", P.SYSTEM_VIEW),
        ("What would it change?", "policy:pack_replay", P.SYSTEM_VIEW),
        ("What would enforcing close?", "policy:pack_enforcing", P.SYSTEM_VIEW),
        ("New draft by form", "policy:pack_edit", P.PACK_CHANGE),
    )
    verbs: ClassVar = {
        "load": OfficeVerb("Load a pack", P.PACK_CHANGE, "pack.load", _load, LoadForm, of_list=True),
        "propose": OfficeVerb("Propose", P.PACK_CHANGE, "pack.propose", _propose),
        "adopt": OfficeVerb("Adopt", P.PACK_CHANGE, "pack.adopt", _adopt, AdoptForm),
        "refuse": OfficeVerb("Refuse", P.PACK_CHANGE, "pack.refuse", _refuse, ReasonForm),
        "withdraw": OfficeVerb("Withdraw", P.PACK_CHANGE, "pack.withdraw", _withdraw, ReasonForm),
    }
