"""Settings of a production installation; unsafe values are refused at start, all of them in one message."""

from django.core.exceptions import ImproperlyConfigured

from governance.settings import guard
from governance.settings.base import *  # noqa: F403
from governance.settings.base import DATA_DIR, DATABASES, PROOF_KEY, STORAGES, env
from governance.settings.logs import logging

PRODUCTION = True
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
PORTAL_URL = env.str("PORTAL_URL", default="").rstrip("/")
_NAMED_HOSTS = env.list("ALLOWED_HOSTS", default=[])

if _faults := guard.faults(
    debug=DEBUG,
    secret_key=SECRET_KEY,
    allowed_hosts=_NAMED_HOSTS,
    portal_url=PORTAL_URL,
    database_named="EMBEDDED" not in DATABASES["default"] or env.bool("EMBEDDED_DATABASE", default=False),
    proof_key=PROOF_KEY,
):
    raise ImproperlyConfigured("The portal does not start with these settings:\n- " + "\n- ".join(_faults))

# Probes of the same machine ask by address.
ALLOWED_HOSTS = [*_NAMED_HOSTS, "127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

# TLS ends at the proxy, which sets these headers on every request and drops what a client sent (production.md).
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrftoken"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

# A missing mail server is a fault that is seen on every message, not a folder nobody looks into.
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_ROOT = env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))
WHITENOISE_USE_FINDERS = False
WHITENOISE_AUTOREFRESH = False

LOGGING = logging(json=True, level=env.str("LOG_LEVEL", default="INFO"))
