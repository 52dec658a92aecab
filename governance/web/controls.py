"""How the controls of forms look."""

from __future__ import annotations

from django.forms import Field

LOOKS = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}


def dress(field: Field) -> None:
    """Give the control of a form field the class its kind is drawn by, unless it has one."""
    widget = field.widget
    if "form-" not in widget.attrs.get("class", ""):
        look = LOOKS.get(getattr(widget, "input_type", ""), "form-control")
        widget.attrs["class"] = f"{widget.attrs.get('class', '')} {look}".strip()
