"""Sandboxes on pages: a spreadsheet is put into one, looked at, handed in for the register or thrown away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Conflict, Reason
from governance.policy.gaps import MET, UNKNOWN, UNKNOWN_TIER, UNMET
from governance.policy.packs import PackInvalid
from governance.policy.queries import pack_in_force, rules
from governance.web.pages import Page, WritingPage
from inventory import queries
from inventory.models import ImportUpload, Sandbox, System
from inventory.services.sandboxes import take_sandbox, throw_away
from inventory.tasks import put_into_sandbox

LISTED = 200
NOBODY = "nobody"


class SandboxFill(WritingPage):
    """Put a file that was handed in, by the mapping it is read with, into a sandbox."""

    permission = Permission.IMPORT_RUN
    verb = "sandbox.fill"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Have it judged. Raises NotVisible for somebody else's file, Conflict while nobody said how it is read."""
        self.refuse_unknown(set())
        upload = ImportUpload.objects.filter(pk=self.kwargs["pk"], person=self.person).first()
        if upload is None:
            raise NotVisible
        if not upload.mapping or upload.state != ImportUpload.State.WAITING:
            raise Conflict(Reason("state", "Say first what its columns mean; a file that is taken in stays there."))
        sandbox = put_into_sandbox(
            person=self.person, content=bytes(upload.content), file_name=upload.file_name, mapping=upload.mapping,
            door=Door.WEB,
        )  # fmt: skip
        return self.done("It is being judged.", reverse("inventory:sandbox_detail", args=[sandbox.pk]))


class SandboxDetail(Page):
    """What a spreadsheet comes to: tiers, owners, duties; a number leads to the rows in it."""

    permission = Permission.IMPORT_RUN
    template_name = "inventory/sandbox_detail.html"
    sandbox: Sandbox

    def prepare(self) -> None:
        """The right first, then the sandbox. Raises NotVisible, InvalidInput for a filter there is not."""
        super().prepare()
        found = queries.sandboxes().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        self.sandbox = found
        self.chosen = {name: self.request.GET.get(name, "") for name in ("duty", "tier", "status", "owner")}
        if unknown := set(self.request.GET) - set(self.chosen):
            raise InvalidInput({name[:100]: ["There is no such filter."] for name in sorted(unknown)})

    def context(self) -> dict[str, Any]:
        """How far it is; once it is judged what it comes to, and the rows that were asked for."""
        sandbox = self.sandbox
        told = {**super().context(), "sandbox": sandbox, "percent": 100 * sandbox.done // max(sandbox.total, 1)}
        if sandbox.state != Sandbox.State.DONE:
            return told
        titles, tiers = _titles(sandbox)
        self._refuse(titles, tiers)
        whole = sandbox.figures
        phases = dict(System.Phase.choices)
        answered = [question for question in whole["questions"] if question["column"]]
        return {
            **told, "whole": whole, "tiers": tiers, "chosen": self.chosen,
            "chosen_title": titles.get(self.chosen["duty"]),
            "tier_figures": [(tier, tiers[tier], whole["tiers"].get(tier, 0)) for tier in tiers],
            "phases": [(phases.get(phase, phase), number) for phase, number in whole["phases"].items()],
            "unanswered": [question for question in whole["questions"] if not question["column"]], "answered": answered,
            "rows": [
                {"id": duty, "title": title, "cells": [(tier, whole["duties"][duty][tier]) for tier in tiers]}
                for duty, title in titles.items()
            ],
            **self._lines(),
        }  # fmt: skip

    def _lines(self) -> dict[str, Any]:
        """The first rows that fit what was asked for."""
        chosen, found = self.chosen, self.sandbox.rows.order_by("line")
        if chosen["tier"]:
            found = found.filter(tier=chosen["tier"])
        if chosen["owner"]:
            found = found.filter(owner="")
        if duty := chosen["duty"]:
            found = found.filter(**{f"duties__{duty}__0": chosen["status"]})
        lines = [{"row": row, "why": row.duties[duty][1] if duty else ""} for row in found[:LISTED]]
        return {"lines": lines, "number": found.count(), "listed": LISTED}

    def _refuse(self, titles: dict[str, str], tiers: dict[str, str]) -> None:
        chosen = self.chosen
        wrong = {
            "duty": bool(chosen["duty"]) and chosen["duty"] not in titles,
            "tier": chosen["tier"] not in {"", *tiers},
            "status": bool(chosen["duty"]) and chosen["status"] not in {MET, UNMET, UNKNOWN},
            "owner": chosen["owner"] not in {"", NOBODY},
        }
        if any(wrong.values()):
            raise InvalidInput({name: ["There is no such one."] for name, is_wrong in wrong.items() if is_wrong})


def _titles(sandbox: Sandbox) -> tuple[dict[str, str], dict[str, str]]:
    """Duties and tiers in words; those of a pack that is in force no more go by their ids."""
    pack = pack_in_force()
    try:
        document = rules(pack).document if pack else None
    except PackInvalid:
        document = None
    duties, tiers = {}, {}
    if document is not None:  # in the order of the pack: what is kept as JSON has none
        duties = {each.id: each.title for each in document.requirements if each.id in sandbox.figures["duties"]}
        tiers = {each.id: each.title for each in document.tiers.order if each.id in sandbox.figures["tiers"]}
    duties |= {duty: duty for duty in sorted(sandbox.figures["duties"]) if duty not in duties}
    tiers |= {tier: tier for tier in sorted(sandbox.figures["tiers"]) if tier not in {*tiers, UNKNOWN_TIER}}
    tiers[UNKNOWN_TIER] = "Tier unknown"
    return duties, tiers


class SandboxVerb(WritingPage, abstract=True):
    """A button on a sandbox."""

    permission = Permission.IMPORT_RUN
    http_method_names = ["post"]

    def sandbox(self) -> Sandbox:
        """The sandbox of this address. Raises NotVisible."""
        self.refuse_unknown(set())
        found = Sandbox.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found


class SandboxTake(SandboxVerb):
    """Hand its file in for the register."""

    verb = "inventory.import"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go on to what taking it in would come to."""
        upload = take_sandbox(person=self.person, sandbox=self.sandbox())
        return self.done("The file was handed in.", reverse("inventory:import_preview", args=[upload.pk]))


class SandboxThrowAway(SandboxVerb):
    """Throw it away whole."""

    verb = "sandbox.throw_away"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Drop it and everything in it."""
        sandbox = self.sandbox()
        throw_away(actor=self.person, sandbox=sandbox, door=Door.WEB)
        return self.done(f"{sandbox.file_name} was thrown away.", reverse("inventory:import_list"))
