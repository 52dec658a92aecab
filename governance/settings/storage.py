"""Where evidence files are kept, from the environment: a folder of ours, or a bucket that speaks S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


def evidence(env: environ.Env, data: Path) -> dict[str, Any]:
    """The storage of `EVIDENCE_STORAGE`: `local` (below PORTAL_DATA, or EVIDENCE_FOLDER) or `s3`."""
    kind = env.str("EVIDENCE_STORAGE", default="local")
    if kind == "local":
        folder = env.str("EVIDENCE_FOLDER", default="") or str(data / "evidence")
        return {"BACKEND": "inventory.evidence.storage.LocalEvidence", "OPTIONS": {"location": folder}}
    if kind != "s3":
        raise ImproperlyConfigured(f"EVIDENCE_STORAGE is “{kind}”; it may be “local” or “s3”.")
    bucket = env.str("EVIDENCE_S3_BUCKET", default="")
    if not bucket:
        raise ImproperlyConfigured("EVIDENCE_STORAGE is “s3”, so EVIDENCE_S3_BUCKET must name a bucket.")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",  # the extra “s3” of this project
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.str("EVIDENCE_S3_ENDPOINT", default="") or None,
            "region_name": env.str("EVIDENCE_S3_REGION", default="") or None,
            "access_key": env.str("EVIDENCE_S3_ACCESS_KEY", default="") or None,
            "secret_key": env.str("EVIDENCE_S3_SECRET_KEY", default="") or None,
            "default_acl": None,
            "file_overwrite": True,  # the same name is the same content
            "querystring_auth": True,
        },
    }
