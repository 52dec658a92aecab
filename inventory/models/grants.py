"""Rights as views: who stands where now, in our words and in django-guardian's. Nothing here can be written."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from inventory.models.systems import System
from inventory.models.units import Unit


class Standing(models.Model):
    """A role an open account holds now: on a system, or (a role on a unit, spread out) on every unit below it."""

    id = models.TextField(primary_key=True)
    assignment = models.ForeignKey("inventory.Assignment", models.DO_NOTHING, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+")
    role = models.CharField(max_length=20)
    system = models.ForeignKey(System, models.DO_NOTHING, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    delegated_from = models.ForeignKey("inventory.Assignment", models.DO_NOTHING, null=True, related_name="+")

    class Meta:
        managed = False

    def __str__(self) -> str:
        return f"{self.person_id} · {self.role}"


class SystemUserObjectPermission(UserObjectPermissionBase):
    """Guardian's grants to people: assignment × role permission, minus what recusal makes inert."""

    id = models.TextField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING)
    permission = models.ForeignKey(Permission, models.DO_NOTHING)
    content_object = models.ForeignKey(System, models.DO_NOTHING)

    class Meta:
        managed = False

    def __str__(self) -> str:
        return self.id


class SystemGroupObjectPermission(GroupObjectPermissionBase):
    """Guardian's grants to groups: an organisation-wide role holds its permissions on every system."""

    id = models.TextField(primary_key=True)
    group = models.ForeignKey(Group, models.DO_NOTHING)
    permission = models.ForeignKey(Permission, models.DO_NOTHING)
    content_object = models.ForeignKey(System, models.DO_NOTHING)

    class Meta:
        managed = False

    def __str__(self) -> str:
        return self.id


class TokenReach(models.Model):
    """A system a usable token reaches now with one of its scopes, by name or through a unit above it."""

    id = models.TextField(primary_key=True)
    token = models.ForeignKey("access.Token", models.DO_NOTHING, related_name="+")
    digest = models.CharField(max_length=128)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+")
    scope = models.CharField(max_length=40)
    system = models.ForeignKey(System, models.DO_NOTHING, related_name="+")

    class Meta:
        managed = False

    def __str__(self) -> str:
        return self.id
