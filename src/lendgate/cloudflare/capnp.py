"""``config.capnp`` for plain workerd: the Worker's bindings, as Cloudflare would make them, on this machine.

Law: pure text. The bindings come from ``wrangler.jsonc``; a setting may change a variable's value but not
add one. The Worker listens on loopback only, reaches the origin and nothing else (with a ``JWKS_URL``: that
one address too), and never sees the headers that only the edge may set. No secret is in the text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lendgate.cloudflare.wrangler import DurableObject, WranglerConfig
from lendgate.errors import SettingsError

CONFIG_NAME: Final = "config"
"""The constant of the file that workerd is told to serve."""
SOCKET: Final = "http"
ORIGIN_BINDING: Final = "ORIGIN"
EDGE_ONLY_HEADERS: Final = (
    "signature",
    "signature-input",
    "x-request-id",
    "lendgate-principal",
    "lendgate-metadata",
    "lendgate-content-key",
)
"""Removed from what callers send before the Worker runs (it removes them too)."""
V8_FLAGS: Final = ("--max-semi-space-size=2", "--min-semi-space-size=1")
"""A small young generation: p99 4-9 times shorter and half the memory, measured; not Cloudflare's."""

_PORTS: Final = 65_536
_DENY: Final = 'export default { fetch() { return new Response("egress is closed", { status: 403 }); } };'
_ONE_ADDRESS: Final = """export default { fetch(request, env) {
  return request.url === new URL(env.ALLOWED).href
    ? fetch(request, { redirect: "manual" })
    : new Response("egress is closed", { status: 403 });
} };"""


@dataclass(frozen=True, slots=True)
class LocalGate:
    """How the Worker runs here.

    ``port`` 0 lets the system choose; ``variables`` replace values of ``vars``; ``secrets`` are names of
    secret bindings, each read from the environment variable ``secret_variable(name)``; ``storage`` is where
    Durable Objects live, in memory without it; ``script`` stands beside the configuration file.
    """

    origin_port: int
    port: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    storage: Path | None = None
    script: str = "gate.js"


def secret_variable(name: str) -> str:
    """The environment variable of workerd that carries a secret binding."""
    return f"LENDGATE_GATE_{name}"


def render(config: WranglerConfig, gate: LocalGate) -> str:
    """The configuration file's text.

    Raises:
        SettingsError: a variable that ``wrangler.jsonc`` does not have, a name used twice, or a bad port.
    """
    variables = _variables(config, gate)
    jwks_url = str(variables.get("JWKS_URL", ""))
    services = [
        _gate_service(config, gate, variables),
        _service("origin", f'external = (address = "127.0.0.1:{_port(gate.origin_port)}", http = ())'),
        *_egress(config.compatibility_date, jwks_url),
    ]
    if gate.storage:
        services.append(_service("storage", f"disk = (path = {quote(str(gate.storage))}, writable = true)"))
    return (
        'using Workerd = import "/workerd/workerd.capnp";\n\n'
        f"const {CONFIG_NAME} :Workerd.Config = (\n"
        f"  services = [\n{_lines(services)}\n  ],\n"
        f"  sockets = [\n{_lines([_socket(gate.port)])}\n  ],\n"
        f"  v8Flags = [{', '.join(map(quote, V8_FLAGS))}],\n"
        ");\n"
    )


def quote(text: str) -> str:
    """A Cap'n Proto string literal; everything but plain printable ASCII is written as UTF-8 bytes."""
    if "\x00" in text:
        raise SettingsError("a setting of the Worker holds a NUL character")
    plain = {byte: chr(byte) for byte in range(0x20, 0x7F) if chr(byte) not in '"\\'}
    return '"' + "".join(plain.get(byte, f"\\x{byte:02x}") for byte in text.encode()) + '"'


def _variables(config: WranglerConfig, gate: LocalGate) -> Mapping[str, object]:
    unknown = sorted(gate.variables.keys() - config.vars.keys())
    if unknown:
        raise SettingsError(f"wrangler.jsonc has no variable {', '.join(unknown)}: add it there first")
    return {**config.vars, **gate.variables}


def _gate_service(config: WranglerConfig, gate: LocalGate, variables: Mapping[str, object]) -> str:
    storage = 'localDisk = "storage"' if gate.storage else "inMemory = void"
    flags = f"compatibilityFlags = [{', '.join(map(quote, config.compatibility_flags))}], "
    namespaces = ", ".join(_namespace(config.name, found) for found in config.durable_objects)
    objects = f"durableObjectNamespaces = [{namespaces}], durableObjectStorage = ({storage}), "
    return _service(
        "gate",
        f"worker = (compatibilityDate = {quote(config.compatibility_date)}, {flags}"
        f"modules = [(name = {quote(gate.script)}, esModule = embed {quote(gate.script)})], "
        f'{objects}globalOutbound = "egress", bindings = [\n'
        f"{_lines(_bindings(config, gate, variables), depth=3)}\n    ])",
    )


def _bindings(config: WranglerConfig, gate: LocalGate, variables: Mapping[str, object]) -> list[str]:
    bound = [(name, _value(value)) for name, value in variables.items()]
    bound += [(name, f"fromEnvironment = {quote(secret_variable(name))}") for name in gate.secrets]
    bound += [(o.binding, f"durableObjectNamespace = {quote(o.class_name)}") for o in config.durable_objects]
    bound.append((ORIGIN_BINDING, 'service = "origin"'))
    names = [name for name, _ in bound]
    if len(set(names)) < len(names):
        raise SettingsError("wrangler.jsonc and the local settings bind one name twice")
    return [f"(name = {quote(name)}, {value})" for name, value in bound]


def _value(value: object) -> str:
    if isinstance(value, str):
        return f"text = {quote(value)}"
    return f"json = {quote(json.dumps(value))}"


def _namespace(worker: str, found: DurableObject) -> str:
    # Stored objects are found again by this key: it must never change for a Worker and a class.
    key = quote(f"{worker}-{found.class_name}")
    return f"(className = {quote(found.class_name)}, uniqueKey = {key}, enableSql = {str(found.sql).lower()})"


def _egress(compatibility_date: str, jwks_url: str) -> Iterable[str]:
    """Where the Worker's own ``fetch`` ends: a Worker, since a denying network would still ask DNS."""
    date = f"compatibilityDate = {quote(compatibility_date)}"
    if not jwks_url:
        yield _service(
            "egress", f'worker = ({date}, modules = [(name = "deny.js", esModule = {quote(_DENY)})])'
        )
        return
    yield _service(
        "egress",
        f'worker = ({date}, modules = [(name = "one.js", esModule = {quote(_ONE_ADDRESS)})], '
        f'bindings = [(name = "ALLOWED", text = {quote(jwks_url)})], globalOutbound = "network")',
    )
    yield _service(
        "network", 'network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))'
    )


def _socket(port: int) -> str:
    removed = ", ".join(f"(name = {quote(name)})" for name in EDGE_ONLY_HEADERS)
    return (
        f'(name = {quote(SOCKET)}, address = "127.0.0.1:{_port(port)}", service = "gate", '
        f"http = (injectRequestHeaders = [{removed}]))"
    )


def _port(port: int) -> int:
    if not 0 <= port < _PORTS:
        raise SettingsError(f"{port} is not a port: choose one from 1 to {_PORTS - 1}, or 0 for any")
    return port


def _service(name: str, kind: str) -> str:
    return f"(name = {quote(name)}, {kind})"


def _lines(items: Iterable[str], depth: int = 2) -> str:
    return "\n".join(f"{'  ' * depth}{item}," for item in items)
