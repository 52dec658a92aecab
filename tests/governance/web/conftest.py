"""The scene of the inventory, for pages that show it."""

import pytest

from tests.inventory.scene import Scene, build


@pytest.fixture
def scene(db: None) -> Scene:
    """Two units, two systems, and the people around the first."""
    return build()
