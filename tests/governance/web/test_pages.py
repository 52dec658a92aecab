"""Page classes are closed by default, and answer 302, 404, 403, 405 in this order."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from governance.access.vocabulary import Permission
from governance.web.pages import ActionPage, Declared, Page, WritingPage


def test_a_page_without_a_declared_permission_cannot_be_defined() -> None:
    with pytest.raises(ImproperlyConfigured, match="declares no permission"):
        type("Careless", (Page,), {})


def test_a_word_outside_the_vocabulary_is_no_declaration() -> None:
    with pytest.raises(ImproperlyConfigured, match="declares no permission"):
        type("Misspelt", (Page,), {"permission": "system.look"})


def test_a_writing_page_without_a_verb_of_the_ledger_cannot_be_defined() -> None:
    with pytest.raises(ImproperlyConfigured, match="declares no verb"):
        type("Speechless", (WritingPage,), {"permission": Permission.SYSTEM_VIEW, "verb": "system.fiddle"})


def test_open_pages_say_so_explicitly() -> None:
    class Imprint(Page):
        """Open to everybody."""

        permission = Declared.PUBLIC

    assert Imprint.permission is Declared.PUBLIC


def test_an_action_answers_post_only() -> None:
    assert ActionPage.http_method_names == ["post"]
