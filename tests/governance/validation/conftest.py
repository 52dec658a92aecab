"""The scene as a fixture, and a folder of its own for evidence files."""

from pathlib import Path
from typing import Any

import pytest

from tests.governance.validation.scene import Scene, build


@pytest.fixture
def scene(db: None) -> Scene:
    """One system in tier high with everybody around it."""
    return build()


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> Path:
    """Where evidence files are kept in this test."""
    folder = tmp_path / "evidence"
    options = {"BACKEND": "inventory.evidence.storage.LocalEvidence", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "evidence": options}
    return folder
