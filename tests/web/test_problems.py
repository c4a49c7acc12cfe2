"""Errors become problem documents in one place, and an unforeseen one says nothing about anybody."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.types import ASGIApp

from lendgate.errors import (
    AuditError,
    FieldError,
    GateUnavailableError,
    InvalidBodyError,
    NotFoundError,
    SettingsError,
    UnsignedRequestError,
)
from lendgate.schema.problem import KINDS
from lendgate.store.database import CommitUnknownError, StoreUnavailableError
from lendgate.web.door import Door
from lendgate.web.problems import install, problem, problem_of
from lendgate.web.replay import NonceLedgerFullError

PERSONAL = "Jane Roe 123-45-6789"


class Item(BaseModel):
    """A body FastAPI checks."""

    name: str
    tags: list[int] = []


def application() -> FastAPI:
    """An application with one route a way to fail."""
    app = FastAPI(openapi_url=None)

    @app.post("/items")
    async def items(item: Item, limit: int = 1) -> Item:
        return item.model_copy(update={"tags": [limit]})

    @app.get("/unforeseen")
    async def unforeseen() -> None:
        raise RuntimeError(PERSONAL) from KeyError(PERSONAL)

    @app.get("/missing")
    async def missing() -> None:
        raise NotFoundError("There is no review r-1 here.")

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418, "Short and stout.", headers={"X-Kept": "yes"})

    @app.get("/cut-off")
    async def cut_off() -> StreamingResponse:
        async def words() -> AsyncIterator[bytes]:
            yield b"half "
            raise RuntimeError(PERSONAL)

        return StreamingResponse(words())

    install(app)
    return app


def ask(app: ASGIApp, method: str, path: str, content: object = None) -> httpx.Response:
    """One request to an application in this process; errors it lets through are raised here."""

    async def request() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://origin") as client:
            return await client.request(method, path, json=content)

    return asyncio.run(request())


def get(path: str) -> httpx.Response:
    return ask(Door(application(), new_request_id=lambda: "r-1"), "GET", path)


def post(path: str, content: object) -> httpx.Response:
    return ask(Door(application(), new_request_id=lambda: "r-1"), "POST", path, content)


def reason(answer: httpx.Response) -> str:
    """The answer's reason, after checking what every problem has."""
    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"] == document["request_id"] == "r-1"
    assert document["ok"] is False
    assert document["status"] == answer.status_code
    assert document["detail"] == document["reason"]
    return str(document["reason"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_status_title_and_type(kind: str) -> None:
    """The table of the schema is what is answered."""
    answer = problem(kind, "Something.", "r-1", (FieldError("/a", "is wrong"),), {"Retry-After": "7"})
    assert answer.status_code == KINDS[kind].status
    assert answer.headers["retry-after"] == "7"
    document = json.loads(bytes(answer.body))
    assert document == {
        "type": f"urn:lendgate:problem:{kind}",
        "title": KINDS[kind].title,
        "status": KINDS[kind].status,
        "detail": "Something.",
        "ok": False,
        "reason": "Something.",
        "errors": [{"pointer": "/a", "detail": "is wrong"}],
        "request_id": "r-1",
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnsignedRequestError("The signature has expired."), 401),
        (NotFoundError("There is nothing under that id."), 404),
        (GateUnavailableError("The gate did not answer."), 503),
        (NonceLedgerFullError("The replay ledger is full."), 503),
    ],
)
def test_what_was_raised_on_purpose_says_its_own_sentence(error: Exception, status: int) -> None:
    """The error's words are the reason; only a 503 says when to come back."""
    answer = problem_of(error, "r-1")
    assert answer.status_code == status
    assert str(error) in bytes(answer.body).decode()
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (StoreUnavailableError("PostgreSQL's disk is full"), "nothing was accepted"),
        (CommitUnknownError("broke while committing"), "whether the request was accepted is not known"),
    ],
)
def test_a_store_that_is_away_tells_callers_and_operators_different_things(
    caplog: pytest.LogCaptureFixture, error: Exception, sentence: str
) -> None:
    """The caller learns whether anything was accepted; what to mend stands in the log."""
    answer = problem_of(error, "r-1")
    said = bytes(answer.body).decode()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert sentence in said
    assert str(error) not in said
    assert f"request r-1: {error}" in caplog.text


@pytest.mark.parametrize("error", [SettingsError(PERSONAL), AuditError(PERSONAL), ValueError(PERSONAL)])
def test_what_is_nobody_elses_business_says_one_generic_sentence(error: Exception) -> None:
    """Inner errors do not describe the inside to callers."""
    answer = problem_of(error, "r-1")
    assert answer.status_code == 500
    assert PERSONAL not in bytes(answer.body).decode()


def test_an_unforeseen_error_is_answered_and_logged_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log has the request id, the types and the places, and no value anyone sent."""
    with caplog.at_level(logging.ERROR):
        answer = get("/unforeseen")
    assert answer.status_code == 500
    assert "on our side" in reason(answer)
    [record] = caplog.records
    assert "request r-1 failed: builtins.RuntimeError at " in record.getMessage()
    assert "unforeseen:" in record.getMessage()
    assert "after builtins.KeyError" in record.getMessage()
    assert PERSONAL not in caplog.text
    assert PERSONAL not in answer.text


def test_an_answer_that_breaks_off_does_not_look_whole(caplog: pytest.LogCaptureFixture) -> None:
    """Once the answer has started only breaking the connection can say that it failed."""
    with pytest.raises(ConnectionAbortedError, match="r-1") as broken:
        get("/cut-off")
    assert PERSONAL not in str(broken.value)
    assert "request r-1 failed" in caplog.text
    assert PERSONAL not in caplog.text


def test_an_error_raised_in_a_route_is_mapped() -> None:
    """Routes raise; nobody builds answers for errors by hand."""
    answer = get("/missing")
    assert (answer.status_code, reason(answer)) == (404, "There is no review r-1 here.")


def test_an_unknown_path_and_a_wrong_method_are_problems() -> None:
    """The framework's own answers are replaced; the methods that are offered are still named."""
    assert reason(get("/nowhere")) == "There is nothing here."
    wrong = get("/items")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "POST"
    assert reason(wrong) == "This method is not offered here."


def test_a_status_without_a_kind_is_an_invalid_request() -> None:
    """Only listed kinds leave; the sentence and the headers of whoever raised it stay."""
    answer = get("/teapot")
    assert answer.status_code == 422
    assert answer.headers["x-kept"] == "yes"
    assert reason(answer) == "Short and stout."


def test_a_status_of_our_own_side_is_generic() -> None:
    """What a library says about its failure is not for callers."""
    answer = problem_of(HTTPException(502, PERSONAL), "r-1")
    assert answer.status_code == 500
    assert PERSONAL not in bytes(answer.body).decode()


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [
        ((FieldError("/income", "must be a number"),), "/income must be a number."),
        ((FieldError("", "must be a JSON object"),), "The body must be a JSON object."),
        ((FieldError("", "the body is not UTF-8"),), "The body is not UTF-8."),
        ((FieldError("/a", "is required"), FieldError("/b", "is required")), "/a is required (and 1 more)."),
    ],
)
def test_an_invalid_body_says_its_first_error_as_the_edge_does(
    errors: tuple[FieldError, ...], sentence: str
) -> None:
    """Every error is listed; ``reason`` is one sentence, the same from the gate and from the origin."""
    document = json.loads(bytes(problem_of(InvalidBodyError(errors), "r-1").body))
    assert (document["reason"], document["status"]) == (sentence, 422)
    assert [error["pointer"] for error in document["errors"]] == [error.pointer for error in errors]


def test_every_wrong_place_of_a_request_is_named() -> None:
    """Places in the body are JSON Pointers; parameters are named in words. No value is repeated."""
    answer = post("/items?limit=x", {"name": 1, "tags": [1, PERSONAL]})
    assert answer.status_code == 422
    assert {(error["pointer"], error["detail"].split(" ")[0]) for error in answer.json()["errors"]} == {
        ("/name", "input"),
        ("/tags/1", "input"),
        ("", "query"),
    }
    assert "query parameter limit: " in answer.text
    assert PERSONAL not in answer.text
    assert reason(answer).startswith("The request is not valid: ")


def test_a_member_name_is_escaped_in_its_pointer() -> None:
    """RFC 6901 section 3: ~ and / inside a name are written ~0 and ~1."""
    app = FastAPI(openapi_url=None)

    @app.post("/")
    async def root(body: dict[str, int]) -> dict[str, int]:
        return body

    install(app)
    answer = ask(app, "POST", "/", {"a/b~c": "x"})
    assert answer.json()["errors"][0]["pointer"] == "/a~1b~0c"
    assert answer.json()["request_id"] == "unknown"


def test_what_works_is_left_alone() -> None:
    """A good answer passes through unchanged."""
    answer = post("/items?limit=3", {"name": "n"})
    assert (answer.status_code, answer.json()) == (200, {"name": "n", "tags": [3]})
