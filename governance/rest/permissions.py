"""Every action of the API declares who may use it; what declares nothing is closed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from governance.access.vocabulary import Permission


class Audience(StrEnum):
    """Declarations that are no right on an object."""

    SIGNED_IN = "signed-in"


# A tuple is any one of its rights: the service decides which of them this very call needs.
Declaration = Permission | tuple[Permission, ...] | Audience


def rights_in(declared: Declaration | None) -> tuple[Permission, ...]:
    """The rights a declaration names; none for an audience."""
    if isinstance(declared, Permission):
        return (declared,)
    return declared if isinstance(declared, tuple) else ()


class Undeclared(BasePermission):
    """The default of the API: nobody. A view says otherwise by deriving from PortalViewSet."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Refuse."""
        return False
