"""The intake conversation as a page, at the origin."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.schema.intake import IntakeCompleteness, IntakeSession, IntakeTurn
from lendgate.schema.requests import Language
from lendgate.store.database import Database
from lendgate.web.app import create_app
from lendgate.web.chat.files import static
from lendgate.web.chat.page import conversation, entrance, words
from tests.support.edge_hand import EdgeHand, as_http, principal
from tests.support.service import BASE, EDGE, http_to, service_on

HAND = EdgeHand(EDGE)
AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
NOTHING = IntakeCompleteness(
    trid_items_missing=None,
    trid_complete_at=None,
    regulation_b_complete=False,
    file_complete=False,
    missing=(),
    missing_documents=(),
    notice=None,
)


@pytest.fixture
async def http(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service."""
    async with service_on(database) as service, http_to(create_app(service)) as client:
        yield client


async def pressed(
    http: httpx.AsyncClient, fields: Mapping[str, str], hand: EdgeHand = HAND
) -> httpx.Response:
    """The page after a button of its form, as the gate passes it on."""
    return await http.send(as_http(hand.post(json.dumps(dict(fields)).encode(), "/intake/chat"), BASE))


def named(page: str, field: str) -> str:
    """What a hidden field of the form holds."""
    match = re.search(rf'name="{field}" value="([^"]*)"', page)
    assert match, page
    return match[1]


def session(text: str, language: Language = "en") -> IntakeSession:
    """A conversation of one message."""
    turn = IntakeTurn(number=1, message_id="m-1", role="person", text=text, at=AT)
    return IntakeSession(
        session_id="s-1",
        phase="asking",
        language=language,
        asks=None,
        known=(),
        completeness=NOTHING,
        messages=(turn,),
        created_at=AT,
        expires_at=AT,
    )


@pytest.mark.anyio
class TestForm:
    """One step after another, each a page."""

    async def test_a_conversation_begins(self, http: httpx.AsyncClient) -> None:
        """The first page holds the first turn, and the form to answer it."""
        answer = await pressed(http, {"does": "open"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "I am an AI assistant of the lender" in answer.text
        assert named(answer.text, "token") == ""

    async def test_a_message_is_answered(self, http: httpx.AsyncClient) -> None:
        """What was said and the answer stand on the next page."""
        begun = (await pressed(http, {"does": "open"})).text
        fields = {"session_id": named(begun, "session_id"), "message_id": named(begun, "message_id")}
        said = (await pressed(http, {"does": "say", "text": "a personal loan of 15k", **fields})).text
        assert said.count('class="turn person"') == 1
        assert "Noted, amount to borrow: $15,000." in said

    async def test_the_same_form_again_says_nothing_twice(self, http: httpx.AsyncClient) -> None:
        """A page that is loaded again repeats the id of its message."""
        begun = (await pressed(http, {"does": "open"})).text
        fields = {"session_id": named(begun, "session_id"), "message_id": named(begun, "message_id")}
        first = (await pressed(http, {"does": "say", "text": "a mortgage", **fields})).text
        again = (await pressed(http, {"does": "say", "text": "a mortgage", **fields})).text
        assert first.count('class="turn') == again.count('class="turn') == 3

    async def test_a_person_is_a_button_away(self, http: httpx.AsyncClient) -> None:
        """The button asks in the language of the page."""
        begun = (await pressed(http, {"does": "open", "language": "es"})).text
        fields = {"session_id": named(begun, "session_id"), "language": "es"}
        handed = (await pressed(http, {"does": "person", **fields})).text
        assert 'value="person"' not in handed
        assert words("es")["person_please"] in handed

    async def test_what_can_be_mended_is_told_on_the_page(self, http: httpx.AsyncClient) -> None:
        """Submitting before anything was confirmed changes nothing and says what is missing."""
        begun = (await pressed(http, {"does": "open"})).text
        answer = await pressed(http, {"does": "submit", "session_id": named(begun, "session_id")})
        assert answer.status_code == 200
        assert "has not confirmed the application yet" in answer.text

    @pytest.mark.parametrize("session_id", ["nonsense", str(uuid4())])
    async def test_no_conversation_of_theirs(self, http: httpx.AsyncClient, session_id: str) -> None:
        """What is not there and what is no id are the same 404."""
        assert (
            await pressed(http, {"does": "say", "text": "x", "session_id": session_id})
        ).status_code == 404

    async def test_of_somebody_else(self, http: httpx.AsyncClient) -> None:
        """Another broker's conversation does not exist."""
        begun = (await pressed(http, {"does": "open"})).text
        stranger = EdgeHand(EDGE, principal("local", "another"))
        answer = await pressed(
            http, {"does": "say", "text": "x", "session_id": named(begun, "session_id")}, stranger
        )
        assert answer.status_code == 404

    async def test_without_the_scope(self, http: httpx.AsyncClient) -> None:
        """The page asks for the scope of the conversation."""
        hand = EdgeHand(EDGE, principal("local", "b", "support"))
        assert (await pressed(http, {"does": "open"}, hand)).status_code == 403

    async def test_unsigned(self, http: httpx.AsyncClient) -> None:
        """The open page's address takes no unsigned form."""
        assert (await http.post("/intake/chat", json={"does": "open"})).status_code == 401


@pytest.mark.anyio
class TestOpenFiles:
    """What is the same for everybody."""

    @pytest.mark.parametrize("name", ["chat.js", "chat.css", "embed.js"])
    async def test_is_kept_by_its_tag(self, http: httpx.AsyncClient, name: str) -> None:
        """Whoever has it is told so."""
        first = await http.get(f"/intake/{name}")
        assert first.content == static(name).body
        again = await http.get(f"/intake/{name}", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize(("asked", "begin"), [("es-MX,es;q=0.9", "Empezar"), ("de", "Begin")])
    async def test_the_entrance_speaks_the_visitors_language(
        self, http: httpx.AsyncClient, asked: str, begin: str
    ) -> None:
        """Spanish for whoever asks for it, else English; never kept, never framed by others."""
        answer = await http.get("/intake/chat", headers={"accept-language": asked})
        assert f">{begin}</button>" in answer.text
        assert answer.headers["content-security-policy"].endswith("frame-ancestors 'self'")
        assert answer.headers["cache-control"] == "no-store"


@given(text=st.text(min_size=1, max_size=200))
def test_words_are_never_markup(text: str) -> None:
    """Whatever was said, the page has the same tags."""
    page = conversation(session(text), last_event="1.1", message_id="m-2", wrong=text)
    plain = conversation(session("x"), last_event="1.1", message_id="m-2", wrong="x")
    assert re.findall(r"<[a-z/!][^>]*>", page) == re.findall(r"<[a-z/!][^>]*>", plain)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_holds_no_script_and_no_style_of_its_own(language: Language) -> None:
    """Its policy would forbid them: everything comes from its own files."""
    for page in (entrance(language), conversation(session("x", language), last_event="1.1", message_id="m")):
        assert re.search(r"<script(?! src=)|<style|style=| on[a-z]+=", page) is None


def test_where_an_identifier_was_the_page_says_so() -> None:
    """The token that stands for it in the records is of no use to the person."""
    page = conversation(session("my SSN is [tok_abcdefghijkl]"), last_event="1.1", message_id="m")
    assert "my SSN is [number put out of sight]" in page


def test_both_languages_say_everything() -> None:
    """No word is missing in one of them, and none is the same by mistake."""
    assert words("en").keys() == words("es").keys()
    assert not {name for name in words("en") if words("en")[name] == words("es")[name]}
