"""A file of measurements is recorded whole or not at all, and every fault is named by its line."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from governance.database.clock import portal_now
from incidents.models import Alert, Measurement
from incidents.services import measurement_files
from tests.governance.validation.scene import Scene
from tests.incidents.test_measurements import planned

pytestmark = pytest.mark.django_db
HEADER = "at,metric,value\n"


def lines(*values: object, metric: str = "false-positive-rate") -> str:
    start = (portal_now() - timedelta(days=1)).replace(microsecond=0)
    return "".join(f"{(start + timedelta(minutes=n)).isoformat()},{metric},{each}\n" for n, each in enumerate(values))


def taken(tmp_path: Path, text: str | bytes, *more: str) -> tuple[int, dict[str, Any]]:
    """The exit status and the JSON answer."""
    file, answer = tmp_path / "m.csv", io.StringIO()
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    status: Any = 0
    try:
        with redirect_stderr(io.StringIO()):
            call_command("import_measurements", str(file), "--system", "scorer", "--json", *more, stdout=answer)
    except SystemExit as left:
        status = left.code
    return status, json.loads(answer.getvalue())


def test_a_file_is_recorded_and_judged_and_the_same_again_changes_nothing(scene: Scene, tmp_path: Path) -> None:
    planned(scene)
    text = HEADER + lines(0.01, 0.06, 0.07, 0.08, 0.09)
    assert taken(tmp_path, text) == (0, {"rows": 5, "accepted": 5, "breaches": 4, "new": 5, "errors": []})
    assert Alert.objects.count() == 1
    status, again = taken(tmp_path, text)
    assert (status, again["accepted"], again["new"]) == (0, 5, 0)
    assert (Measurement.objects.count(), Alert.objects.count()) == (5, 1)


def test_slices_are_read_from_a_column_of_their_own(scene: Scene, tmp_path: Path) -> None:
    at = (portal_now() - timedelta(hours=1)).isoformat()
    status, _ = taken(tmp_path, f"slice,value,metric,at\nover 60,0.5,recall,{at}\n,0.6,recall,{at}\n")
    assert status == 0
    assert set(Measurement.objects.values_list("slice", "value")) == {("over 60", 0.5), ("", 0.6)}


def test_a_fault_beyond_the_first_batch_is_named_by_its_line_and_nothing_is_kept(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measurement_files, "MOST", 2)
    status, answer = taken(tmp_path, HEADER + lines(1, 2, 3, "many"))
    assert status == 1
    assert [(error["line"], error["field"]) for error in answer["errors"]] == [(5, "value")]
    assert Measurement.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("at,metric\n", 1, "value"),
        ("at,metric,value,colour\n", 1, "colour"),
        ("at,metric,value,value\n", 1, "value"),
        (HEADER, 1, ""),
        ("", 1, ""),
        (HEADER + "2026-01-01T00:00:00Z,recall\n", 2, ""),
        (HEADER + "yesterday,recall,1\n", 2, "at"),
        (HEADER + "2026-01-01T00:00:00Z,recall,nan\n", 2, "value"),
        (HEADER + "2026-01-01T00:00:00Z,recall,inf\n", 2, "value"),
        (HEADER + "2026-01-01T00:00:00Z,Not a slug,1\n", 2, "metric"),
        (HEADER + "2026-01-01T00:00:00Z,rec\0all,1\n", 2, ""),
    ],
)
def test_a_wrong_file_is_refused_by_line_and_column(
    scene: Scene, tmp_path: Path, text: str, line: int, field: str
) -> None:
    status, answer = taken(tmp_path, text)
    assert status == 1
    assert (answer["errors"][0]["line"], answer["errors"][0]["field"]) == (line, field)
    assert Measurement.objects.count() == 0


def test_what_is_no_text_or_not_there_is_unreadable(scene: Scene, tmp_path: Path) -> None:
    assert taken(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)[0] == 2
    answer = io.StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("import_measurements", str(tmp_path / "none.csv"), "--system", "scorer", "--json", stdout=answer)
    assert left.value.code == 2


def test_somebody_without_the_right_records_nothing(scene: Scene, tmp_path: Path) -> None:
    status, answer = taken(tmp_path, HEADER + lines(0.01), "--as", "viewer")
    assert status == 1
    assert answer["errors"]
    assert Measurement.objects.count() == 0
