"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.base")
portal = get_wsgi_application()

from governance.gate.front import Front  # noqa: E402  needs the applications to be loaded

application = Front(portal)
