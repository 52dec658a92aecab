"""Settings of the REST door and its description."""

import environ

env = environ.Env()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.access.authentication.BearerToken",
        "governance.rest.authentication.PortalSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["governance.rest.permissions.Undeclared"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["governance.rest.parsers.StrictJSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "governance.rest.schema.PortalSchema",
    "EXCEPTION_HANDLER": "governance.rest.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Countersign",
    "DESCRIPTION": "Who owns a machine-learning system, who approved its release, and whether it may ship now.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["governance.gate.openapi.add_gate"],  # the one address outside the framework
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
}

API_LONGEST_BODY = env.int("API_LONGEST_BODY", default=1_048_576)
API_CALLS_PER_MINUTE = env.int("API_CALLS_PER_MINUTE", default=600)
GATE_CALLS_PER_MINUTE = env.int("GATE_CALLS_PER_MINUTE", default=30_000)
ALERT_LEVELS = env.json("ALERT_LEVELS", default={})  # the words your alerting tools use → info, warning or critical
SNS_TOPICS = env.list("SNS_TOPICS", default=[])  # the topics of Amazon SNS whose messages are taken in, by ARN
PAGERDUTY_SECRETS = env.list("PAGERDUTY_SECRETS", default=[])  # of its webhook subscriptions; any of them may sign
