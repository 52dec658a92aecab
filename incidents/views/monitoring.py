"""Monitoring on pages: a system's plan, the chart of one metric, planning, changing and ending it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import DetailPage, ObjectFormPage
from incidents import queries, watching
from incidents.charts import draw
from incidents.measuring import Limits
from incidents.models import MonitoringPlan
from incidents.monitoring_forms import ChangeForm, PlanForm, ReasonForm
from incidents.services.plans import CHANGEABLE, change_plan, end_plan, plan_monitoring
from inventory.models import System

P = Permission


def address(plan: MonitoringPlan) -> str:
    """Where the chart of a plan is."""
    return reverse("incidents:plan_detail", args=[plan.pk])


def _people(system: System) -> QuerySet[User]:
    """Who may answer for a metric of a system."""
    return rights.holders(P.SYSTEM_VIEW, system).order_by("name")


class SystemMonitoring(DetailPage[System]):
    """What is watched on a system, and how it stands."""

    permission = P.SYSTEM_VIEW
    template_name = "incidents/monitoring.html"
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def context(self) -> dict[str, Any]:
        """Adds the lines of the plan and its newest alerts."""
        return {
            **super().context(),
            "system": self.object,
            "plans": watching.plans_of(self.object)[:200],
            "alerts": watching.alerts().filter(system=self.object)[:20],
            "may_plan": rights.can(self.person, P.MONITORING_CHANGE, self.object),
        }


class PlanPage(DetailPage[MonitoringPlan]):
    """One metric: its chart with limits, breaches and releases, and its alerts."""

    permission = P.SYSTEM_VIEW
    template_name = "incidents/plan.html"

    def objects(self) -> QuerySet[MonitoringPlan]:
        """Lines of plans with everything shown of them."""
        return MonitoringPlan.objects.select_related("system", "answers", "created_by").defer("system__search")

    def context(self) -> dict[str, Any]:
        """Adds the chart and what can be done."""
        plan = self.object
        points = watching.points_of(plan)
        approvals = watching.approvals_between(plan.system, points[0].at, points[-1].at) if points else []
        may = plan.ended_at is None and rights.can(self.person, P.MONITORING_CHANGE, plan)
        return {
            **super().context(),
            "plan": plan,
            "system": plan.system,
            "chart": draw(points, Limits(plan.direction, plan.warning, plan.critical), approvals),
            "count": len(points),
            "newest": list(reversed(points))[:20],
            "alerts": watching.alerts().filter(plan=plan)[:20],
            "verbs": [
                {"label": label, "href": reverse(f"incidents:plan_{verb}", args=[plan.pk]), "reasons": ()}
                for verb, label in (("change", "Change limits"), ("end", "Stop watching it"))
                if may
            ],
        }


class PlanCreate(ObjectFormPage[System]):
    """Watch a metric of a system from now on."""

    permission = P.MONITORING_CHANGE
    verb = "monitoring.plan"
    template_name = "web/form.html"
    form_class = PlanForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def initial(self) -> dict[str, Any]:
        """Whoever plans it answers, unless they choose somebody else."""
        return {"answers": self.person.pk}

    def form_arguments(self) -> dict[str, Any]:
        """The words of the policy and the people around the system."""
        return {"rules": queries.rules_of_incidents(), "people": _people(self.object)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": "Watch a metric", "pretitle": self.object.name, "submit": "Watch it",
            "lead": "A value outside its limits, or no value for too long, raises an alert.",
            "cancel": reverse("incidents:system_monitoring", args=[self.object.slug]),
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Plan it and show its chart."""
        plan = plan_monitoring(actor=self.person, system=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done("The metric is watched from now on.", address(plan))


class PlanChange(ObjectFormPage[MonitoringPlan]):
    """Change limits and what follows."""

    permission = P.MONITORING_CHANGE
    verb = "monitoring.change"
    template_name = "web/form.html"
    form_class = ChangeForm

    def objects(self) -> QuerySet[MonitoringPlan]:
        """Lines of plans."""
        return MonitoringPlan.objects.select_related("system", "answers").defer("system__search")

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {name: getattr(self.object, name) for name in CHANGEABLE}

    def form_arguments(self) -> dict[str, Any]:
        """The words of the policy and the people around the system."""
        return {"rules": queries.rules_of_incidents(), "people": _people(self.object.system)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": f"Change the limits of {self.object}", "pretitle": self.object.system.name}
        return {**super().context(), **words, "submit": "Change", "cancel": address(self.object)}

    def save(self, form: Any) -> HttpResponseBase:
        """Change it and show it."""
        change_plan(actor=self.person, plan=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done(
            "The limits are changed; what was measured is judged by them from now on.", address(self.object)
        )


class PlanEnd(ObjectFormPage[MonitoringPlan]):
    """Watch a metric no longer."""

    permission = P.MONITORING_CHANGE
    verb = "monitoring.end"
    template_name = "web/form.html"
    form_class = ReasonForm

    def objects(self) -> QuerySet[MonitoringPlan]:
        """Lines of plans."""
        return MonitoringPlan.objects.select_related("system").defer("system__search")

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": f"Stop watching {self.object}", "pretitle": self.object.system.name}
        return {**super().context(), **words, "submit": "Stop watching it", "cancel": address(self.object)}

    def save(self, form: Any) -> HttpResponseBase:
        """End it and show it."""
        end_plan(actor=self.person, plan=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done("It is not watched any more. What was measured stays.", address(self.object))
