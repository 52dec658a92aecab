"""Settings shared by every way of running the portal; values come from the environment, nothing is started here."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF

from governance.database.configuration import databases
from governance.settings import guard, logs, storage
from governance.settings.access import *  # noqa: F403
from governance.settings.notify import *  # noqa: F403
from governance.settings.rest import *  # noqa: F403

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env.str("PORTAL_DATA", default=str(BASE_DIR / ".data")))

PRODUCTION = False
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default=guard.DEVELOPMENT_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [
    "governance.access",
    "django.contrib.admin.apps.SimpleAdminConfig",  # only our own records are registered, on our own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "guardian",
    "knox",
    "procrastinate.contrib.django",
    "rest_framework",
    "governance.database",
    "governance.ledger",
    "governance.web",
    "governance.rest",
    "governance.notify",
    "governance.policy",
    "inventory",
    "governance.validation",
    "governance.changes",
    "governance.engagements",
    "incidents",
    "governance.gate",
    "governance.committee",
    "governance.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
    "governance.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "governance.web.context.portal",
            ],
        },
    }
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = [
    "governance.access.passwords.PasswordDoor",
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",  # a ModelBackend that also knows e-mail addresses
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
DATABASES = databases(env, DATA_DIR)

# Addresses and static files: served from the packages as they are, so a checkout runs without a build step.
PORTAL_URL = env.str("PORTAL_URL", default="http://127.0.0.1:8000").rstrip("/")
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "governance" / "static"]
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None  # only an installation that collects its files has one
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "evidence": storage.evidence(env, DATA_DIR),
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Without a mail server messages are kept as files, to be looked at.
if not EMAIL_HOST:  # noqa: F405
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")

CSRF_FAILURE_VIEW = "governance.web.errors.csrf_failed"

# A file is measured while it arrives; what is larger than any page takes never fills a disk.
FILE_UPLOAD_HANDLERS = [
    "governance.web.uploads.MeasuredUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Sessions end with the working day; nothing of the portal is shown in a frame or told to another site.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the vendored style sheet draws its carets inline
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# What /metrics asks for; without it only the machine itself gets an answer.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="")

# Log lines carry an id of the request and the id of who asks; addresses of people are not collected.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20
logs.configure()
LOGGING = logs.logging(json=False, level=env.str("LOG_LEVEL", default="WARNING"))
