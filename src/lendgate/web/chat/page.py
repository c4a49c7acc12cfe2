"""A conversation as HTML. Pure: the same conversation gives the same page.

Law: every word is escaped; the page holds no token, only the place where the gate puts it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from pydantic import TypeAdapter

from lendgate.assistants.intake.identifiers import TOKEN
from lendgate.policy.yaml_text import read_yaml
from lendgate.schema.intake import IntakeSession
from lendgate.schema.requests import Language
from lendgate.web.chat.files import content

_FOR_THE_SCRIPT: Final = (
    "person",
    "assistant",
    "hidden",
    "person_please",
    "writing",
    "answered",
    "connecting",
    "cut",
)


@cache
def words(language: Language) -> Mapping[str, str]:
    """What the page says in a language."""
    shape = TypeAdapter(dict[str, dict[Language, str]])
    table = shape.validate_python(read_yaml("words.yaml", content("words.yaml")))
    return {name: said[language] for name, said in table.items()}


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("lendgate.web.chat", "."), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("page.html")


def entrance(language: Language) -> str:
    """The page of somebody who has no conversation: asks for the token that the broker gave."""
    return _page(language, session=None, keeps_token=False)


def conversation(
    session: IntakeSession, *, last_event: str, message_id: str, wrong: str | None = None
) -> str:
    """A conversation and the form to go on with it.

    Args:
        session: the conversation as its owner may see it.
        last_event: the id of the last event that is on the page, for the script to go on after it.
        message_id: the id of the message that the form will send, so that sending it twice says it once.
        wrong: what did not work, for the person.
    """
    notice = None
    if session.review_id is not None:
        notice = words(session.language)["sent"].format(review_id=session.review_id)
    return _page(
        session.language,
        session=session,
        keeps_token=True,
        last_event=last_event,
        message_id=message_id,
        wrong=wrong,
        notice=notice,
    )


def _without_tokens(hidden: str) -> Callable[[str], str]:
    return lambda text: TOKEN.sub(hidden, text)


def _page(language: Language, **values: object) -> str:
    said = words(language)
    script_words = json.dumps({name: said[name] for name in _FOR_THE_SCRIPT})
    told = {"wrong": None, "notice": None, "without_tokens": _without_tokens(said["hidden"]), **values}
    return _template().render(language=language, words=said, script_words=script_words, **told)
