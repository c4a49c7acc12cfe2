"""The server: routes, headers and refusals. ASGI, on Starlette.

A request may choose for itself with the headers ``x-standin-character`` and ``x-standin-fault``; otherwise
the character and the script of the instance hold.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from typing import Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lendgate.claude.standin.answer import Json, PromptCache, answer, prompt_tokens
from lendgate.claude.standin.batches import Batches, results_lines
from lendgate.claude.standin.body import CountBody, CreateBody, refused_form
from lendgate.claude.standin.catalogue import MODELS
from lendgate.claude.standin.connection import SLOW_SECONDS, Cut, EventStream, Silence
from lendgate.claude.standin.faults import refusal_of
from lendgate.claude.standin.options import OK, Character, Options, Step, character_named, play
from lendgate.claude.standin.refusal import Refusal, invalid_request, not_found
from lendgate.claude.standin.rules import check

MAX_BODY: Final = 32 * 1024 * 1024
Handler = Callable[[Request], Awaitable[Response]]


class StandIn:
    """One stand-in: its script so far, its cache, its batches."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._script: Iterator[Step] = play(options.script)
        self._requests = count(1)
        self._cache = PromptCache(options.cache_minimum)
        self._batches = Batches(self._batch_message, options.batch_polls)

    def routes(self) -> list[Route]:
        """Everything it answers; another maker's server knows only the first."""
        create = Route("/v1/messages", self._sealed(self.create), methods=["POST"])
        if self.options.dialect == "plain":
            return [create]
        return [
            create,
            Route("/v1/messages/count_tokens", self._sealed(self.count_tokens), methods=["POST"]),
            Route("/v1/messages/batches", self._sealed(self.batches), methods=["GET", "POST"]),
            Route("/v1/messages/batches/{id}", self._sealed(self.batch), methods=["GET", "DELETE"]),
            Route("/v1/messages/batches/{id}/cancel", self._sealed(self.cancel), methods=["POST"]),
            Route("/v1/messages/batches/{id}/results", self._sealed(self.results)),
            Route("/v1/models", self._sealed(self.models)),
            Route("/v1/models/{id}", self._sealed(self.model)),
        ]

    def _sealed(self, handler: Handler) -> Handler:
        """A handler with credentials checked, refusals in the API's envelope, and the marks of this house."""

        async def sealed(request: Request) -> Response:
            request_id = f"req_standin_{next(self._requests):06d}"
            try:
                self._check_headers(request)
                response = await handler(request)
            except Refusal as refusal:
                response = JSONResponse(refusal.body(request_id), refusal.status, dict(refusal.headers))
            response.headers["request-id"] = request_id
            response.headers["x-simulated"] = "true"
            return response

        return sealed

    def _check_headers(self, request: Request) -> None:
        if self.options.dialect == "plain":
            return
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not bearer and not request.headers.get("x-api-key"):
            raise Refusal(401, "authentication_error", "x-api-key header is required")
        if "anthropic-version" not in request.headers:
            raise invalid_request("anthropic-version: header is required")

    async def create(self, request: Request) -> Response:
        """``POST /v1/messages``."""
        step, character = self._step(request), self._character(request)
        body = await self._create_body(request)
        await asyncio.sleep(self.options.latency_seconds)
        refusal = refusal_of(step, stream=body.stream)
        if refusal:
            raise refusal
        if step.name == "hang":
            return Silence()
        if step.name == "bad_gateway":
            return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", 502)
        said = answer(body, self.options, character, step, self._cache)
        if body.stream:
            return EventStream(said, step)
        if step.name == "slow":
            await asyncio.sleep(step.value or SLOW_SECONDS)
        if step.name == "stalled_stream":
            return Silence()
        return Cut(said.message()) if step.name == "cut_stream" else JSONResponse(said.message())

    def _step(self, request: Request) -> Step:
        asked = request.headers.get("x-standin-fault")
        try:
            return next(play(asked)) if asked else next(self._script)
        except ValueError as error:
            raise invalid_request(str(error)) from error

    def _character(self, request: Request) -> Character:
        try:
            return character_named(request.headers.get("x-standin-character", self.options.character))
        except ValueError as error:
            raise invalid_request(str(error)) from error

    async def _create_body(self, request: Request) -> CreateBody:
        given = await _json(request)
        if self.options.dialect == "plain":
            given = {key: value for key, value in given.items() if key in CreateBody.model_fields}
        try:
            body = CreateBody.model_validate(given)
        except ValidationError as error:
            raise refused_form(error) from error
        if self.options.dialect == "anthropic":
            check(body)
        return body

    async def count_tokens(self, request: Request) -> Response:
        """``POST /v1/messages/count_tokens``."""
        try:
            body = CountBody.model_validate(await _json(request))
        except ValidationError as error:
            raise refused_form(error) from error
        check(body)
        return JSONResponse({"input_tokens": prompt_tokens(body)})

    async def models(self, _request: Request) -> Response:
        """``GET /v1/models``: everything that has not been retired."""
        data = [model.info() for model in MODELS.values() if model.lifecycle != "retired"]
        return JSONResponse(
            {"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]}
        )

    async def model(self, request: Request) -> Response:
        """``GET /v1/models/{id}``."""
        found = MODELS.get(request.path_params["id"])
        if found is None:
            raise not_found(f"model: {request.path_params['id']}")
        return JSONResponse(found.info())

    def _batch_message(self, body: CreateBody) -> Json:
        message = answer(body, self.options, self.options.character, OK, self._cache).message()
        usage = message["usage"]
        return message | {"usage": (usage if isinstance(usage, dict) else {}) | {"service_tier": "batch"}}

    async def batches(self, request: Request) -> Response:
        """``POST`` and ``GET /v1/messages/batches``."""
        base = str(request.base_url)
        if request.method == "POST":
            return JSONResponse(self._batches.create(await _json(request)).body(base))
        data = [batch.body(base) for batch in reversed(self._batches.kept.values())]
        first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
        return JSONResponse({"data": data, "has_more": False, "first_id": first, "last_id": last})

    async def batch(self, request: Request) -> Response:
        """``GET`` and ``DELETE /v1/messages/batches/{id}``."""
        batch_id = request.path_params["id"]
        if request.method == "DELETE":
            self._batches.delete(batch_id)
            return JSONResponse({"id": batch_id, "type": "message_batch_deleted"})
        return JSONResponse(self._batches.get(batch_id).body(str(request.base_url)))

    async def cancel(self, request: Request) -> Response:
        """``POST /v1/messages/batches/{id}/cancel``."""
        return JSONResponse(self._batches.cancel(request.path_params["id"]).body(str(request.base_url)))

    async def results(self, request: Request) -> Response:
        """``GET /v1/messages/batches/{id}/results``: JSON lines."""
        batch = self._batches.get(request.path_params["id"])
        if batch.status != "ended":
            raise not_found("batch results are not available before the batch has ended")
        return PlainTextResponse(results_lines(batch), media_type="application/x-jsonl")


async def _json(request: Request) -> Json:
    raw = await request.body()
    if len(raw) > MAX_BODY:
        raise Refusal(413, "request_too_large", "Request exceeds the maximum size")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise invalid_request(f"The request body is not valid JSON: {error}") from error
    if not isinstance(body, dict):
        raise invalid_request("The request body is not a JSON object")
    return body


async def _unknown(request: Request, _error: Exception) -> Response:
    return JSONResponse(not_found(f"path: {request.url.path}").body(None), 404)


def app(options: Options | None = None) -> Starlette:
    """A new stand-in as an ASGI application."""
    return Starlette(routes=StandIn(options or Options()).routes(), exception_handlers={404: _unknown})
