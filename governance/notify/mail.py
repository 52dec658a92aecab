"""E-mail: what it says and how it is handed to the mail server. Plain text, with a link to the thing itself."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from governance.access.models import User
from governance.notify.models import Delivery, Notice
from governance.notify.outbox import one_line
from governance.notify.topics import Topic
from governance.web.days import is_midnight, last_day

SALT = "governance.notify.unsubscribe"
_LONGEST_SUBJECT = 200


class NotSent(Exception):  # noqa: N818  an answer, not an error
    """It has certainly not arrived; `final` when it never will, `silent` when nobody answered there."""

    def __init__(self, sentence: str, *, final: bool = False, silent: bool = False) -> None:
        super().__init__(sentence)
        self.final, self.silent = final, silent


class Unsure(Exception):  # noqa: N818  an answer, not an error
    """It may have arrived; `silent` when no answer came at all."""

    def __init__(self, sentence: str, *, silent: bool = False) -> None:
        super().__init__(sentence)
        self.silent = silent


def compose(person: User, deliveries: Sequence[Delivery]) -> EmailMessage:
    """One message for everything that is to be told to this person now."""
    notices = [delivery.notice for delivery in deliveries]
    only = notices[0] if len(notices) == 1 else None
    subject = _subject(only) if only else f"{len(notices)} things to look at"
    topics = list(dict.fromkeys(Topic(notice.topic) for notice in notices))
    links = {topic: unsubscribe_link(person, topic) for topic in topics}
    headers = {
        "Message-ID": f"<{deliveries[0].pk}@{urlsplit(settings.PORTAL_URL).hostname or 'localhost'}>",
        "Auto-Submitted": "auto-generated",
    }
    if only:
        headers["List-Unsubscribe"] = f"<{links[topics[0]]}>"
    return EmailMessage(
        subject=one_line(f"[Countersign] {subject}", _LONGEST_SUBJECT),
        body="\n\n".join([*map(_paragraph, notices), _foot(links)]),
        to=[person.email],
        headers=headers,
    )


def hand_over(message: EmailMessage) -> None:
    """Give the message to the mail server once. Raises NotSent, or Unsure when the answer got lost."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"The mail server cannot be reached: {error}", silent=True) from error
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotSent(f"The mail server refuses the address: {codes}", final=all(c >= 500 for c in codes)) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"The mail server refuses it: {error.smtp_code}", final=error.smtp_code >= 500) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unsure(f"The mail server fell silent: {type(error).__name__}", silent=True) from error
    finally:
        _close(connection)


def unsubscribe_link(person: User, topic: Topic) -> str:
    """The page where this person, signed in or not, ends a topic."""
    token = signing.dumps([person.pk, topic], salt=SALT)
    return f"{settings.PORTAL_URL}{reverse('notify:unsubscribe', args=[token])}"


def _close(connection: object) -> None:
    """The message is out or not: a farewell that goes wrong changes neither."""
    try:
        connection.close()  # type: ignore[attr-defined]
    except (OSError, smtplib.SMTPException):
        return


def _subject(notice: Notice) -> str:
    due = f" (due {last_day(notice.due):%-d %b %Y})" if notice.due else ""
    return f"{Topic(notice.topic).words}: {notice.title}{due}"


def _paragraph(notice: Notice) -> str:
    lines = [Topic(notice.topic).words, notice.title, notice.text, _due(notice), settings.PORTAL_URL + notice.href]
    return "\n".join(line for line in lines if line)


def _due(notice: Notice) -> str:
    if notice.due is None:
        return ""
    if is_midnight(notice.due):
        return f"Due: by the end of {last_day(notice.due):%-d %B %Y} (UTC)"
    return f"Due: {notice.due:%-d %B %Y %H:%M} UTC"


def _foot(links: dict[Topic, str]) -> str:
    ends = [f"No more of “{topic.words}”: {link}" for topic, link in links.items()]
    choice = f"When and of what you are told: {settings.PORTAL_URL}{reverse('notify:preferences')}"
    return "\n".join(["-- ", choice, *ends])
