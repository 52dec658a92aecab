"""Sandboxes: a spreadsheet is judged apart from the register, and thrown away whole when it has served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from django.db import connection, transaction

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from governance.policy.queries import rules_in_force
from inventory.imports.opening import open_table
from inventory.imports.reader import Limits, LineError
from inventory.imports.reading import column_names
from inventory.imports.schema import MappingDocument, MappingFault
from inventory.mappings import chosen
from inventory.models import ImportUpload, Sandbox, SandboxRow
from inventory.sandbox import Columns, Judged, columns_of, figures, judged
from inventory.services.imports import Progress, base_name, decided_about, hand_in, rows_of
from inventory.services.permitted import require

MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE
MOST_ROWS = 20_000
MOST = 20  # sandboxes of one person
AT_ONCE = 500
TOLD = 200  # rows between two words on how far it is


def fill_sandbox(*, person: User, content: bytes, file_name: str, mapping: str, door: Door) -> Sandbox:
    """Keep a file to be judged by the pack in force; a job does that. No system comes of it.

    Raises InvalidInput for a mapping there is not or a file too large, Conflict `no_policy`, `limit` for one sandbox
    too many, Forbidden without import.run.
    """
    with acting(person, door=door, verb="sandbox.fill"):
        require(person, Permission.IMPORT_RUN)
        checks = Checks()
        if not content:
            checks.refuse("file", "Is empty.")
        elif len(content) > LARGEST:
            checks.refuse("file", f"At most {LARGEST // MEGABYTE} MB are judged in a sandbox.")
        try:
            chosen(mapping)
        except MappingFault as fault:
            checks.refuse("mapping", str(fault))
        checks.done()
        rules_in_force()
        mine = Sandbox.objects.filter(person=person)
        if mine.count() >= MOST:
            raise Conflict(Reason("limit", f"You have {MOST} sandboxes; throw one away first."))
        return Sandbox.objects.create(
            person=person, content=content, file_name=base_name(file_name), mapping=mapping, at=portal_now()
        )


def judge(
    content: bytes, mapping: MappingDocument, progress: Progress = lambda stage, done, total: None
) -> tuple[list[Judged], dict[str, object], str]:
    """Every row under the pack in force, what the file comes to, and which pack judged. Nothing is written.

    Raises Unreadable, Refused with line numbers, Conflict `no_policy`.
    """
    pack, rules = rules_in_force()
    table = open_table(content, mapping.format, Limits(rows=MOST_ROWS))
    rows = rows_of(table, mapping, decided_about(mapping.source), progress)
    columns = columns_of(table.header, column_names(mapping, table.header), rules.document)
    lines: list[Judged] = []
    for line in judged(rows, columns, rules, portal_now()):
        lines.append(line)
        if len(lines) % TOLD == 0 or len(lines) == len(rows):
            progress("judging", len(lines), len(rows))
    headed = _headed(columns, table.header, mapping)
    whole = figures(lines, headed, rules.document, encoding=table.encoding)
    return lines, whole, f"{pack.name} {pack.version}"


def _headed(columns: Columns, header: Sequence[str], mapping: MappingDocument) -> Columns:
    """The columns by their heads, as the person knows them."""
    heads = dict(zip(column_names(mapping, header), header, strict=True))
    return Columns({question: heads[name] for question, name in columns.answers.items()}, heads.get(columns.owner, ""))


def judge_sandbox(sandbox: Sandbox) -> None:
    """Judge a waiting sandbox in the name of its person; what the file cannot be read for is kept with its lines.

    Raises what `judge` raises, MappingFault and Forbidden.
    """
    waiting = Sandbox.objects.filter(pk=sandbox.pk, state=Sandbox.State.QUEUED)

    def progress(stage: str, done: int, total: int) -> None:
        if not connection.in_atomic_block:  # what the transaction itself writes nobody sees before it ends
            waiting.update(done=done, total=total)

    with acting(sandbox.person, door=Door.JOB, verb="sandbox.fill"):
        require(sandbox.person, Permission.IMPORT_RUN)
    lines, whole, pack = judge(bytes(sandbox.content), chosen(sandbox.mapping), progress)
    with transaction.atomic():
        if not waiting.select_for_update().exists():
            return  # thrown away, or judged by another run of the job
        SandboxRow.objects.bulk_create(
            (SandboxRow(sandbox=sandbox, **asdict(line)) for line in lines), batch_size=AT_ONCE
        )
        waiting.update(state=Sandbox.State.DONE, figures=whole, pack=pack, done=len(lines), total=len(lines))


def refuse_sandbox(sandbox: Sandbox, errors: list[LineError]) -> None:
    """Say why a file was not judged."""
    told = [asdict(error) for error in errors]
    Sandbox.objects.filter(pk=sandbox.pk).update(state=Sandbox.State.REFUSED, errors=told)


def take_sandbox(*, person: User, sandbox: Sandbox) -> ImportUpload:
    """Hand the file of a sandbox in for the register; what that would come to is seen before anything is written."""
    return hand_in(
        person=person, content=bytes(sandbox.content), file_name=sandbox.file_name, mapping=sandbox.mapping
    )  # fmt: skip


def throw_away(*, actor: User | Command, sandbox: Sandbox, door: Door) -> None:
    """Drop a sandbox with everything in it: nothing in it was ever governed. Raises Forbidden."""
    with acting(actor, door=door, verb="sandbox.throw_away"):
        require(actor, Permission.IMPORT_RUN)
        found = Sandbox.objects.select_for_update().filter(pk=sandbox.pk).first()
        if found is not None:
            SandboxRow.objects.filter(sandbox=found).delete()
            found.delete()
