"""The application: doors outside, routes inside, one error mapper around them.

From the outside in: ``Door`` (bounds) → request log → last resort (errors) → ``SignedDoor`` (the edge's
signature) → routes. The log stands outside the errors, so that it counts what was answered.

Law: nothing but ``/livez``, ``/readyz`` and ``/metrics`` answers an unsigned request.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lendgate.bootstrap import Service
from lendgate.errors import SettingsError
from lendgate.store.database import Database, StoreUnavailableError
from lendgate.store.nonces import claim_nonce
from lendgate.web import decisions, documents, inspections, intake, referrals, reviews, support
from lendgate.web.chat import routes as chat
from lendgate.web.door import Door
from lendgate.web.logs import request_id_of_log
from lendgate.web.metrics import Metrics
from lendgate.web.problems import install
from lendgate.web.signature_keys import VerifyKey, verify_keys_from_json
from lendgate.web.signed import OPEN, SignedDoor

_LOG: Final = logging.getLogger("lendgate.web")


def create_app(service: Service) -> ASGIApp:
    """The ASGI application of a service.

    Raises:
        SettingsError: LENDGATE_EDGE_KEYS is missing or malformed.
    """
    app = FastAPI(title="Lendgate", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.service = service
    app.state.metrics = metrics = Metrics()
    metrics.unfinished.set_function(lambda: service.runner.under_way)
    service.runner.heard.append(metrics.count)
    for room in (reviews, decisions, referrals, documents, inspections, support, intake, chat):
        app.include_router(room.router)
    app.add_route("/livez", _livez)
    app.add_route("/readyz", _readyz)
    app.add_route("/metrics", metrics.endpoint)
    desk = service.desk
    app.add_middleware(SignedDoor, keys=_edge_keys(service), ledger=_StoreNonces(desk.database), now=desk.now)
    install(app)
    app.add_middleware(_RequestLog, metrics=metrics)
    return Door(app)


def _edge_keys(service: Service) -> Mapping[str, VerifyKey]:
    if service.settings.edge_keys is None:
        raise SettingsError("LENDGATE_EDGE_KEYS is not set: the service would refuse every request")
    return verify_keys_from_json(service.settings.edge_keys.get_secret_value())


class _StoreNonces:
    """The replay ledger in PostgreSQL: one for every process of the service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, nonce: str, expires: datetime) -> bool:
        return await claim_nonce(self._database, nonce, expires)


class _RequestLog:
    """One log line and the metrics of each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id_of_log.set(scope["state"]["request_id"])
        begun = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            self._say(scope, status, time.perf_counter() - begun)

    def _say(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's template, never the path: a path holds ids.
        route = scope["path"] if scope["path"] in OPEN else getattr(scope.get("route"), "path", "unrouted")
        self._metrics.requests.labels(route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        extra = {
            "route": route,
            "method": scope["method"],
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
        }
        _LOG.info("request answered", extra=extra)


async def _livez(_request: Request) -> Response:
    return JSONResponse({"ok": True})


async def _readyz(request: Request) -> Response:
    """Whether a review could be accepted now: the policy is loaded, so the database is what can be away."""
    service: Service = request.app.state.service
    try:
        await service.desk.database.ping()
    except StoreUnavailableError:
        body = {"ok": False, "reason": "The database is away."}
        return JSONResponse(body, status_code=503, headers={"Retry-After": "5"})
    return JSONResponse({"ok": True, "policy_version": service.desk.rulebook.version})
