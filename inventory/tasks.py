"""Jobs of the inventory: what no page should wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction
from procrastinate.contrib.django import app

from governance.access.models import User
from governance.ledger.acting import Command, Door
from governance.lifecycle import Refusal
from governance.notify.alarms import RowNotHandled, alarm, alone
from inventory.imports.mlflow import Unfit, Unreachable
from inventory.imports.reader import LineError, Refused, Unreadable
from inventory.imports.schema import MappingFault
from inventory.mappings import chosen
from inventory.models import ImportUpload, Sandbox
from inventory.services.imports import ImportReport, import_inventory
from inventory.services.registries import sync_mlflow
from inventory.services.sandboxes import fill_sandbox, judge_sandbox, refuse_sandbox

logger = structlog.get_logger(__name__)

STATE = ImportUpload.State
FAILED = "The portal failed over this file; the governance team was told."


@app.task(queue="imports", pass_context=False)
def take_upload(upload: str) -> None:
    """Take a confirmed file in, in the name of whoever handed it in. A second run of the same job does nothing."""
    found = ImportUpload.objects.select_related("person").filter(pk=upload, state=STATE.QUEUED)
    waiting = found.first()
    if waiting is None:
        return

    def progress(stage: str, done: int, total: int) -> None:
        if not connection.in_atomic_block:  # what the transaction itself writes nobody sees before it ends
            found.update(done=done, total=total)

    report: ImportReport | None = None
    with _answering("take_upload", waiting, partial(_refuse, waiting), "could not be taken in"):
        report = import_inventory(
            actor=waiting.person, content=bytes(waiting.content), file_name=waiting.file_name,
            mapping=chosen(waiting.mapping), door=Door.JOB, progress=progress,
        )  # fmt: skip
    if report is not None:
        waiting.state, waiting.run, waiting.content = STATE.DONE, report.run, b""
        waiting.save(update_fields=["state", "run", "content"])


@app.task(queue="imports", pass_context=False)
def judge_spreadsheet(sandbox: str) -> None:
    """Judge a spreadsheet in its sandbox, in the name of whoever put it there. A second run does nothing."""
    waiting = Sandbox.objects.select_related("person").filter(pk=sandbox, state=Sandbox.State.QUEUED).first()
    if waiting is None:
        return
    with _answering("judge_spreadsheet", waiting, partial(refuse_sandbox, waiting), "could not be judged"):
        judge_sandbox(waiting)


def put_into_sandbox(*, person: User, content: bytes, file_name: str, mapping: str, door: Door) -> Sandbox:
    """Fill a sandbox and have a job judge it. Raises as filling does."""
    with transaction.atomic():
        sandbox = fill_sandbox(person=person, content=content, file_name=file_name, mapping=mapping, door=door)
        judge_spreadsheet.defer(sandbox=str(sandbox.pk))
    return sandbox


@app.periodic(cron="23 * * * *")
@app.task(queue="imports", pass_context=False)
def sync_registries(timestamp: int) -> None:
    """Sync every registry of MLFLOW_URLS, each for itself; one that cannot be read is said in the log."""
    for url in settings.MLFLOW_URLS:
        with alone("sync_registries", url[:200], f"The registry {url} could not be synced"):
            try:
                sync_mlflow(actor=Command("sync_mlflow"), url=url, door=Door.JOB)
            except (Unreachable, Unfit, Refusal) as error:
                logger.warning("registry not synced", url=url, reason=str(error))


@contextmanager
def _answering(
    job: str, file: ImportUpload | Sandbox, refuse: Callable[[list[LineError]], None], words: str
) -> Iterator[None]:
    """Say at a file why nothing became of it; where the portal is at fault, governance hears of it as well."""
    try:
        yield
    except Refused as refused:
        refuse(refused.errors)
    except (Unreadable, MappingFault, Refusal) as answer:
        refuse([LineError(0, "", str(answer))])
    except OperationalError:
        raise  # the database, not the file
    except Exception as error:
        logger.exception("file not handled", job=job, file=str(file.pk))
        refuse([LineError(0, "", FAILED)])
        cause = f"{type(error).__name__}: {error}"[:500]
        alarm(RowNotHandled(job, str(file.pk), f"The file {file.file_name} {words}", cause))


def _refuse(upload: ImportUpload, errors: list[LineError]) -> None:
    upload.state = STATE.REFUSED
    upload.errors = [{"line": error.line, "field": error.field, "message": error.message} for error in errors]
    upload.save(update_fields=["state", "errors"])
