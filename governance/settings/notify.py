"""Settings of what leaves the portal by itself: e-mail, webhooks, and how far the one outgoing client reaches."""

import environ

env = environ.Env()

# Without EMAIL_HOST messages are kept as files below PORTAL_DATA, to be looked at (base settings).
EMAIL_HOST = env.str("EMAIL_HOST", default="")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", default=False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=15)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="countersign@localhost")

# What secrets of webhooks are derived from; without it the secret key is used.
WEBHOOK_KEY = env.str("WEBHOOK_KEY", default="")
# Networks the portal may send to although they are not public, as 10.20.0.0/16; there also without TLS.
OUTGOING_NETWORKS = env.list("OUTGOING_NETWORKS", default=[])
# How long before a due date its reminder goes out.
REMINDER_DAYS = env.int("REMINDER_DAYS", default=7)
# MLflow registries the job worker syncs from every hour, as https://mlflow.example.org,https://…
MLFLOW_URLS = env.list("MLFLOW_URLS", default=[])
