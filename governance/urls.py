"""Where every door is hung."""

from django.urls import URLPattern, URLResolver, include, path

from governance.changes import admin as _change_records  # noqa: F401  registers its records with the office
from governance.engagements import admin as _audit_records  # noqa: F401  registers its records with the office
from governance.notify import admin as _notify_records  # noqa: F401  registers its records with the office
from governance.policy import admin as _policy_records  # noqa: F401  registers its records with the office
from governance.rest.urls import end_of_api
from governance.validation import admin as _validation_records  # noqa: F401  registers its records with the office
from governance.web.office import office
from incidents import admin as _incident_records  # noqa: F401  registers its records with the office
from inventory import admin as _inventory_records  # noqa: F401  registers its records with the office

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("governance.gate.urls")),  # first, because it is asked most
    path("", include("governance.database.urls")),
    path("", include("governance.web.urls")),
    path("", include("inventory.urls")),
    path("", include("governance.ledger.urls")),
    path("", include("governance.policy.urls")),
    path("accounts/", include("governance.access.urls")),
    path("", include("governance.notify.urls")),
    path("", include("governance.validation.urls")),
    path("", include("governance.changes.urls")),
    path("", include("governance.engagements.urls")),
    path("", include("incidents.urls")),
    path("", include("governance.committee.urls")),
    path("", include("governance.rest.urls")),
    path("api/v1/", include("governance.ledger.api")),
    path("api/v1/", include("governance.policy.api")),
    path("api/v1/", include("inventory.api.urls")),
    path("api/v1/", include("governance.validation.api.urls")),
    path("api/v1/", include("governance.changes.api.urls")),
    path("api/v1/", include("governance.engagements.api.urls")),
    path("api/v1/", include("incidents.api.urls")),
    *end_of_api,
    path("admin/", office.urls),
]

handler400 = "governance.web.errors.bad_request"
handler403 = "governance.web.errors.forbidden"
handler404 = "governance.web.errors.not_found"
handler500 = "governance.web.errors.broken"
