"""Serving: the stand-in on a port of this machine."""

from __future__ import annotations

import uvicorn

from lendgate.claude.standin.app import app
from lendgate.claude.standin.options import Options


def serve(options: Options, *, port: int, host: str = "127.0.0.1") -> None:
    """Serve until interrupted. The base URL for clients is ``http://host:port``."""
    uvicorn.run(app(options), host=host, port=port, log_level="warning", access_log=False)
