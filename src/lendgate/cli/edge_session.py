"""What every ``lendgate edge`` command opens: credentials, files, the API, and a way to ask the gate.

Exit codes of ``lendgate edge``: 0 done, or nothing to do · 1 refused, stopped, or the gate does not work ·
2 wrong usage; for ``plan --exit-code``: there are changes · 3 Cloudflare cannot be reached · 4 a setting is
missing or wrong · 5 a key rotation waits for the origin.

Law: secrets come from the environment, files or standard input; whatever is printed goes through the
run's ``Scrub``. Results go to standard output, progress to standard error.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import httpx
import typer
from rich.markup import escape

from lendgate.cli.output import NO, UNREACHABLE, err, fail, spoken_errors
from lendgate.cloudflare.actual import Actual, read_actual
from lendgate.cloudflare.api.client import CloudflareApi, tls
from lendgate.cloudflare.api.credentials import Credentials, read_credentials, read_secret
from lendgate.cloudflare.api.failures import CloudflareError, CredentialsError, UnreachableError
from lendgate.cloudflare.api.pace import Clock, system_clock
from lendgate.cloudflare.api.scrub import Scrub
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.bundle import BUNDLE, SCRIPT, load_bundle
from lendgate.cloudflare.check import Asked, Checked, Gate, ask, gate_url
from lendgate.cloudflare.desired import EDGE_VERSION, SIGNING_KEY, Desired, Module, read_desired
from lendgate.cloudflare.keys import private_texts
from lendgate.errors import SettingsError

CHANGES: Final = 2
WAITING: Final = 5
CHECKOUT: Final = Path("edge/wrangler.jsonc")
_ASK_TIMEOUT: Final = httpx.Timeout(15.0)

Environment = Annotated[
    str | None, typer.Option("--env", help="Environment in wrangler.jsonc; without it the top level.")
]
Config = Annotated[
    Path | None,
    typer.Option("--config", help="wrangler.jsonc; by default edge/wrangler.jsonc, else the packaged one."),
]
BundleDirectory = Annotated[
    Path, typer.Option("--bundle", help="Directory of the built Worker: gate.js and its hash.")
]
GateUrl = Annotated[
    str | None,
    typer.Option("--gate-url", help="Where the gate is asked, if not at its own address."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before changing anything.")]


@dataclass(frozen=True, slots=True)
class Files:
    """Which environment of which files a command is about."""

    environment: str | None = None
    config: Path | None = None
    bundle: Path = BUNDLE
    gate_url: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One command's run."""

    credentials: Credentials
    api: CloudflareApi
    worker: Worker
    desired: Desired
    token: str | None = field(repr=False)
    """A broker's token, for signed round trips."""
    gate_url: str | None
    http: httpx.AsyncClient = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)

    @property
    def clock(self) -> Clock:
        """The time of this run."""
        return self.api.clock

    def say(self, text: str) -> None:
        """Tell the operator one thing, without secrets."""
        err.print(escape(self.api.scrub(text)), highlight=False, soft_wrap=True)

    async def actual(self) -> Actual:
        """What is on Cloudflare now."""
        return await read_actual(self.worker, self.desired)

    async def gate(self) -> Gate:
        """Where the gate is asked; the account's workers.dev name is read only where it is needed."""
        url = self.gate_url or gate_url(self.desired, None)
        if url is None and self.desired.workers_dev:
            url = gate_url(self.desired, await self.worker.account_subdomain())
        return Gate(url, self.worker.name, self.token)

    async def check(self, version_id: str) -> Checked:
        """Ask one version whether it works."""
        version = await self.worker.version(version_id)
        asked = Asked(version_id, version.variable(EDGE_VERSION))
        checked = await ask(self.http, await self.gate(), asked, self.clock)
        return replace(checked, says=self.api.scrub(checked.says))


@asynccontextmanager
async def edge_session(files: Files) -> AsyncIterator[Session]:
    """Open everything a command needs.

    Raises:
        SettingsError: a credential, a file or an option cannot be used; says which.
    """
    environ = os.environ
    scrub = Scrub()
    desired = read_files(files)
    credentials = read_credentials(environ)
    token = read_secret("LENDGATE_TOKEN", environ)
    scrub.learn(token or "")
    for name in {*desired.secrets, SIGNING_KEY}:
        _hide(scrub, name, environ)
    async with (
        CloudflareApi(credentials, clock=system_clock(), scrub=scrub) as api,
        httpx.AsyncClient(timeout=_ASK_TIMEOUT, verify=tls()) as http,
    ):
        yield Session(
            credentials=credentials,
            api=api,
            worker=Worker(api, desired.worker),
            desired=desired,
            token=token,
            gate_url=_checked_url(files.gate_url) if files.gate_url else None,
            http=http,
            environ=environ,
        )


def read_files(files: Files) -> Desired:
    """What the files say the Worker should be."""
    bundle = load_bundle(files.bundle)
    path = files.config or (CHECKOUT if CHECKOUT.is_file() else files.bundle / CHECKOUT.name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise SettingsError(f"{path} cannot be read as text: name the right file with --config") from cause
    return read_desired(text, files.environment, (Module(SCRIPT, bundle.script),))


@contextmanager
def spoken_edge_errors() -> Iterator[None]:
    """Turn errors into one sentence and one of this program's exit codes."""
    with spoken_errors():
        try:
            yield
        except UnreachableError as cause:
            raise fail(str(cause), UNREACHABLE) from cause
        except CloudflareError as cause:
            raise fail(str(cause), NO) from cause


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is changed; leaves when the answer is no, or when nobody can be asked."""
    if yes:
        return
    if not os.isatty(0):
        raise SettingsError("nobody can be asked here: pass --yes to go on without a question")
    typer.confirm(question, abort=True, err=True)


def _hide(scrub: Scrub, name: str, environ: Mapping[str, str]) -> None:
    """Never show a secret of the Worker's that is at hand, whether or not this command uses it."""
    with suppress(CredentialsError):
        for text in private_texts(read_secret(name, environ) or ""):
            scrub.learn(text)


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise SettingsError("--gate-url must begin with https://: a broker's token travels on it")
    return url.rstrip("/")
