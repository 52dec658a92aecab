"""Application: incidents."""

from django.apps import AppConfig

from governance.notify.alarms import RowNotHandled
from governance.notify.topics import Topic
from governance.web.announcements import subscribe
from incidents import facts, refusals
from inventory.announcements import RunningReported


class IncidentsConfig(AppConfig):
    """Registers this application with Django and fills the registries to its left."""

    name = "incidents"

    def ready(self) -> None:
        """Its facts, its places on pages, and what it says when the database refuses."""
        from governance.notify.handoffs import TicketOpened, write_document  # noqa: PLC0415  needs loaded models
        from incidents import handing_over, pages, paging  # noqa: PLC0415  the same
        from incidents.api import parts  # noqa: PLC0415  the same
        from incidents.services.alarms import raise_alarm  # noqa: PLC0415  the same
        from incidents.services.deployments import judge_running  # noqa: PLC0415  the same
        from incidents.services.handoffs import keep_ticket  # noqa: PLC0415  the same
        from incidents.wiki import review_page  # noqa: PLC0415  the same

        facts.register()
        refusals.register()
        pages.register()
        handing_over.register()
        paging.register()
        parts.register()
        subscribe(RowNotHandled, raise_alarm)
        subscribe(RunningReported, judge_running)
        subscribe(TicketOpened, keep_ticket)
        write_document(Topic.INCIDENT_REVIEWED, review_page)
