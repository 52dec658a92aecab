"""Where log lines go: to standard error, for people as text, for machines as JSON, each with its request's id."""

from __future__ import annotations

from typing import Any

import structlog

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
]

# Libraries that tell every command how they were set up.
AT_EVERY_START = ("axes.apps", "procrastinate.blueprints", "procrastinate.periodic")


def configure() -> None:
    """Send structlog's events through the standard library, so that one configuration rules both."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging(*, json: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING: one handler on standard error; standard output stays for what commands answer."""
    renderer = (
        structlog.processors.JSONRenderer() if json else structlog.processors.KeyValueRenderer(key_order=["event"])
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        # The access line of django_structlog says what Django's own request logger would repeat.
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": "ERROR"},
            **{name: {"level": "WARNING"} for name in AT_EVERY_START},
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # what scanners send is answered, not reported
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
        },
    }
