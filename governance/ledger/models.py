"""The ledger's own tables. Nobody writes them but the owner's trigger functions; the app role may only read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    TextualField = models.Field[str, str]
else:
    TextualField = models.Field


class TransactionIdField(TextualField):
    """PostgreSQL's 64-bit transaction number (`xid8`), read as text."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """The column type."""
        return "xid8"

    def get_internal_type(self) -> str:
        """No type Django knows: no conversion, no special SQL."""
        return "TransactionIdField"

    def get_prep_value(self, value: Any) -> str | None:
        """Compare as text; the database casts it."""
        return None if value is None else str(value)


class Event(models.Model):
    """One change of one governed row, or one batch of evidence rows, or one new shape of a table."""

    class Op(models.TextChoices):
        """What happened to the row."""

        INSERT = "I", "Created"
        UPDATE = "U", "Changed"
        DELETE = "D", "Removed"
        BATCH = "B", "Added evidence"
        SHAPE = "S", "Reshaped the table"
        RESHAPE = "R", "Reshaped the row"

    id = models.BigAutoField(primary_key=True)
    xid = TransactionIdField()
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_kind = models.CharField(max_length=7)
    actor_name = models.CharField(max_length=200, help_text="As shown at the time.")
    sponsor_id = models.BigIntegerField(null=True, help_text="Who answers for a machine.")
    minter_id = models.BigIntegerField(null=True, help_text="Who made the token a machine used.")
    token_id = models.CharField(max_length=100, null=True)  # noqa: DJ001  null: no token was used
    door = models.CharField(max_length=10)
    request_id = models.CharField(max_length=100)
    verb = models.CharField(max_length=60)
    reason = models.TextField()
    table_name = models.CharField(max_length=63)
    key = models.CharField(max_length=200)
    system_id = models.BigIntegerField(null=True)
    op = models.CharField(max_length=1, choices=Op.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["xid"]),
            models.Index(fields=["table_name", "key", "id"]),
            models.Index(fields=["system_id", "id"], condition=models.Q(system_id__isnull=False),
                name="event_by_system",),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.verb} {self.table_name} {self.key}"


class Block(models.Model):
    """The sealed events of one transaction: gapless height, database time, SHA-256 over the previous block."""

    height = models.BigIntegerField(primary_key=True)
    xid = TransactionIdField()
    at = models.DateTimeField()
    n = models.IntegerField()
    prev = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        ordering = ["-height"]

    def __str__(self) -> str:
        return f"Block {self.height}"


class Link(models.Model):
    """Which block an event stands in, with the digest of the event's canonical bytes."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, db_constraint=False, related_name="link")
    block = models.ForeignKey(Block, models.PROTECT, db_constraint=False, db_index=False, related_name="links")
    digest = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["block", "event"], name="link_by_block")]

    def __str__(self) -> str:
        return f"Event {self.event_id} in block {self.block_id}"


class Head(models.Model):
    """The newest block; its row lock puts commits in order."""

    id = models.SmallIntegerField(primary_key=True)
    height = models.BigIntegerField()
    at = models.DateTimeField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="ledger_head_one_row")]

    def __str__(self) -> str:
        return f"Head at {self.height}"


class Pending(models.Model):
    """A transaction that has events waiting for their block; empty outside transactions."""

    xid = TransactionIdField(primary_key=True)
    armed = models.BooleanField()

    def __str__(self) -> str:
        return f"Transaction {self.xid}"


class Denial(models.Model):
    """That somebody was refused, and why: written after the refused transaction was rolled back."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_kind = models.CharField(max_length=7)
    actor_name = models.CharField(max_length=200)
    token_id = models.CharField(max_length=100, null=True)  # noqa: DJ001  null: no token was used
    door = models.CharField(max_length=10)
    request_id = models.CharField(max_length=100)
    verb = models.CharField(max_length=60)
    reason = models.TextField()
    kind = models.CharField(max_length=9, help_text="forbidden or conflict")
    code = models.CharField(max_length=100)
    reasons = models.JSONField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.verb} {self.code}"


class SealCheck(models.Model):
    """A separation check the seal runs when a transaction touched one of its tables; rows come from migrations."""

    name = models.CharField(max_length=50, primary_key=True)
    tables = models.JSONField()

    def __str__(self) -> str:
        return self.name
