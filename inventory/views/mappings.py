"""The mapping editor: what each column of a file means, its values, its encoding; saved under a name and a version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import slugify

from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Conflict, Reason
from governance.policy.facts import Facts, SystemFacts
from governance.policy.gaps import UNKNOWN, UNMET, duties
from governance.policy.packs import PackInvalid
from governance.policy.queries import pack_in_force, rules
from governance.web.pages import WritingPage
from inventory.imports.editing import (
    MOST_COLUMNS,
    MOST_VALUES,
    ROLES,
    Sketch,
    distinct,
    document_of,
    drawn,
    examples,
    glanced,
    guessed,
    meant,
    twice,
)
from inventory.imports.opening import open_table
from inventory.imports.reader import Limits, LineError, Refused, Table, Unreadable
from inventory.imports.schema import Format, MappingDocument, names
from inventory.imports.shipped import CHOICES
from inventory.imports.workbook import SIGNATURE
from inventory.mappings import chosen
from inventory.models import ImportUpload, System
from inventory.sandbox import columns_of
from inventory.services.mappings import save_mapping
from inventory.tasks import put_into_sandbox

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tabulator", "|": "vertical bar"}
ENCODINGS = {
    "": "as it was found", "utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a mark", "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
}  # fmt: skip
FIXED = frozenset({"name", "title", "within", "reads_as", "delimiter", "seen", "do"})


class MappingEdit(WritingPage):
    """Say what the columns of a file mean that one handed in, and go on to what taking it in would come to."""

    permission = Permission.IMPORT_RUN
    verb = "mapping.save"
    template_name = "inventory/mapping_edit.html"
    http_method_names = ["get", "head", "post"]
    upload: ImportUpload

    def prepare(self) -> None:
        """The right first, then the file. Raises NotVisible for somebody else's, Conflict once confirmed."""
        super().prepare()
        found = ImportUpload.objects.filter(pk=self.kwargs["pk"], person=self.person).first()
        if found is None:
            raise NotVisible
        if found.state != ImportUpload.State.WAITING:
            raise Conflict(Reason("state", "This file was confirmed already."))
        self.upload = found
        self.content = bytes(found.content)
        self.base = chosen(found.mapping) if found.mapping else None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The columns with what they seem to mean."""
        written = self.base.format if self.base else Format(delimiter=self._delimiter())
        table, errors = self._open(written)
        if table is None:
            return self._page(None, None, written, errors=errors, status=200)
        sketch = drawn(self.base, table) if self.base else guessed(table.header)
        return self._page(table, sketch, written)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show it again with what was chosen, or save it and go on."""
        written = self._written()
        table, errors = self._open(written)
        if table is None:
            return self._page(None, None, written, errors=errors)
        if request.POST.get("seen") != _key(written):  # columns and values stand elsewhere when it is read otherwise
            return self._page(table, guessed(table.header), written, status=200)
        self._refuse_strange(table)
        sketch = self._sketch(table)
        if request.POST.get("do") not in {"save", "sandbox"}:
            return self._page(table, sketch, written, status=200)
        try:
            saved = save_mapping(actor=self.person, document=self._document(table, sketch, written), door=Door.WEB)
        except InvalidInput as invalid:
            said = [LineError(0, "", f"{name}: {one}") for name, several in invalid.errors.items() for one in several]
            return self._page(table, sketch, written, errors=said)
        ImportUpload.objects.filter(pk=self.upload.pk).update(mapping=str(saved))
        if request.POST["do"] == "sandbox":
            sandbox = put_into_sandbox(
                person=self.person, content=self.content, file_name=self.upload.file_name, mapping=str(saved),
                door=Door.WEB,
            )  # fmt: skip
            return self.done("It is being judged.", reverse("inventory:sandbox_detail", args=[sandbox.pk]))
        here = reverse("inventory:import_preview", args=[self.upload.pk])
        return self.done(f"Saved as {saved.name}, version {saved.version}.", here)

    def _delimiter(self) -> Any:
        """The sign that stands most often in the first line; in a workbook nothing parts its cells."""
        if self.content.startswith(SIGNATURE):
            return ","
        first = self.content[:20_000].splitlines()[:1]
        line = first[0].decode("latin-1") if first else ""
        return max(DELIMITERS, key=line.count)

    def _written(self) -> Format:
        told = {"delimiter": self.request.POST.get("delimiter", ","), "reads_as": self.request.POST.get("reads_as", "")}
        wrong = {"delimiter": told["delimiter"] not in DELIMITERS, "reads_as": told["reads_as"] not in ENCODINGS}
        if any(wrong.values()):
            raise InvalidInput({name: ["Must be one of those offered."] for name, bad in wrong.items() if bad})
        return Format.model_validate(told)

    def _open(self, written: Format) -> tuple[Table | None, list[LineError]]:
        try:
            table = open_table(self.content, written, Limits(columns=MOST_COLUMNS))
        except Unreadable as unreadable:
            return None, [LineError(0, "", str(unreadable))]
        except Refused as refused:
            return None, refused.errors
        if not table.rows:
            return None, [LineError(1, "", "The file has a header and not a single row.")]
        return table, []

    def _refuse_strange(self, table: Table) -> None:
        known = {f"column-{at}" for at in range(len(table.header))}
        known |= {f"value-{at}-{place}" for at in range(len(table.header)) for place in range(MOST_VALUES)}
        self.refuse_unknown(known | FIXED)

    def _sketch(self, table: Table) -> Sketch:
        posted = self.request.POST
        roles = tuple(posted.get(f"column-{at}", "") for at in range(len(table.header)))
        if strange := [f"column-{at}" for at, role in enumerate(roles) if role not in ROLES]:
            raise InvalidInput({name: ["Must be one of those offered."] for name in strange})
        meanings = {}
        for at, target in _valued(roles):
            for place, (text, _) in enumerate(distinct(table, at)[:MOST_VALUES]):
                word = posted.get(f"value-{at}-{place}")
                if word is None or (word and word not in CHOICES[target]):
                    word = meant(target, text)  # a table that was not on the page before
                meanings[at, text] = word
        return Sketch(roles, meanings, posted.get("within", "").strip()[:300])

    def _document(self, table: Table, sketch: Sketch, written: Format) -> Mapping[str, Any]:
        posted = self.request.POST
        wrong: dict[str, list[str]] = {}
        if double := twice(sketch.roles):
            wrong["columns"] = [f"“{label}” is chosen for more than one column." for label in double]
        if "system" not in sketch.roles:
            wrong["columns"] = [*wrong.get("columns", []), "Choose the column that names the system."]
        if "unit1" not in sketch.roles and not sketch.within:
            wrong["within"] = ["Choose a column that names the unit, or say which unit all rows belong to."]
        if wrong:
            raise InvalidInput(wrong)
        name, title = posted.get("name", "").strip(), posted.get("title", "").strip()
        return document_of(
            sketch, table.header, name=name, title=title or name, written=written.model_dump(), base=self.base
        )

    def _page(
        self, table: Table | None, sketch: Sketch | None, written: Format, *, errors: list[LineError] | None = None,
        status: int = 400,
    ) -> HttpResponse:  # fmt: skip
        posted = self.request.POST
        name = posted.get("name") if "name" in posted else _own_name(self.base, self.upload)
        title = posted.get("title") if "title" in posted else (self.base.title if self.base else "")
        return self.show(
            status if errors else 200,
            upload=self.upload, errors=errors or [], table=table, name=name, map_title=title,
            within=sketch.within if sketch else posted.get("within", ""),
            glance=glanced(table, sketch) if table and sketch else None, owed=_owed() if table else (),
            asked=_asked(table) if table else None,
            columns=_columns(table, sketch) if table and sketch else [],
            values=_values(table, sketch) if table and sketch else [],
            roles=ROLES.items(), delimiters=DELIMITERS.items(), encodings=ENCODINGS.items(), written=written,
            seen=_key(written), is_workbook=self.content.startswith(SIGNATURE),
        )  # fmt: skip


def _owed() -> list[tuple[str, str]]:
    """What the policy in force would still ask of a system the moment it is taken in: each duty and why."""
    pack = pack_in_force()
    if pack is None:
        return []
    try:
        in_force = rules(pack)
    except PackInvalid:
        return []
    titles = {requirement.id: requirement.title for requirement in in_force.document.requirements}
    bare = Facts(system=SystemFacts(id=0, slug="", name="", tier=""))
    found = duties(bare, in_force, portal_now())
    return [(titles[duty.id], duty.reason) for duty in found if duty.status in {UNMET, UNKNOWN}]


def _asked(table: Table) -> tuple[int, int] | None:
    """How many questions of the tier questionnaire a column answers, and how many there are."""
    pack = pack_in_force()
    try:
        document = rules(pack).document if pack else None
    except PackInvalid:
        document = None
    if document is None:
        return None
    return len(columns_of(table.header, table.header, document).answers), len(document.tiers.questionnaire)


def _key(written: Format) -> str:
    return f"{written.reads_as}:{'|,;'.find(written.delimiter)}"


def _valued(roles: tuple[str, ...]) -> list[tuple[int, str]]:
    """The columns that are read by a table of values, with the field each fills."""
    return [(at, role.partition(":")[2]) for at, role in enumerate(roles) if role.startswith("value:")]


def _columns(table: Table, sketch: Sketch) -> list[dict[str, Any]]:
    """Each column with its head, what it says first, and its role."""
    return [
        {"at": at, "head": head or f"column {at + 1}", "examples": examples(table, at), "role": sketch.roles[at]}
        for at, head in enumerate(table.header)
    ]


def _values(table: Table, sketch: Sketch) -> list[dict[str, Any]]:
    """Each column that is read by a table, with what it says and what that means."""
    shown = []
    for at, target in _valued(sketch.roles):
        field = System._meta.get_field(target)
        labels = dict(field.flatchoices)  # type: ignore[union-attr]
        found = distinct(table, at)
        rows = [
            {"name": f"value-{at}-{place}", "text": text, "count": count,
             "word": sketch.meanings.get((at, text), meant(target, text))}
            for place, (text, count) in enumerate(found[:MOST_VALUES])
        ]  # fmt: skip
        words = [(word, str(labels[word])) for word in labels if word in CHOICES[target]]
        unread = sum(row["count"] for row in rows if not row["word"])  # type: ignore[misc]
        more = max(len(found) - MOST_VALUES, 0)
        shown.append(
            {"head": table.header[at] or f"column {at + 1}", "label": ROLES[sketch.roles[at]], "rows": rows,
             "words": words, "unread": unread, "more": more}
        )  # fmt: skip
    return shown


def _own_name(base: MappingDocument | None, upload: ImportUpload) -> str:
    """The name of the mapping it is begun from, where that is one's own; else one from the file's name."""
    if base is not None and base.name not in names():
        return base.name
    return (slugify(upload.file_name.rsplit(".", 1)[0]) or "my-register")[:40].strip("-") or "my-register"
