"""``lendgate edge keys rotate``: a new signing key between the Worker and the origin, with an overlap."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import typer
from pydantic import JsonValue

from lendgate.cli.edge_session import (
    WAITING,
    BundleDirectory,
    Config,
    Environment,
    Files,
    GateUrl,
    Session,
    Yes,
    confirm,
    edge_session,
    spoken_edge_errors,
)
from lendgate.cli.edge_shown import checked_json, show_checked
from lendgate.cli.output import Json, out, print_json
from lendgate.cloudflare.api.credentials import read_secret
from lendgate.cloudflare.api.failures import CredentialsError, StoppedError
from lendgate.cloudflare.bundle import BUNDLE
from lendgate.cloudflare.desired import SIGNING_KEY
from lendgate.cloudflare.keys import (
    OVERLAP_SECONDS,
    NewKey,
    Rotation,
    new_ed25519,
    private_texts,
    rotate,
    shared_key,
)
from lendgate.cloudflare.plan import make_plan

keys_app = typer.Typer(no_args_is_help=True, help="The signing key between the Worker and the origin.")


@keys_app.callback()
def keys() -> None:
    """Keeps ``rotate`` a command of its own beside those to come."""


@keys_app.command("rotate")
def rotate_command(
    key_id: Annotated[str, typer.Option("--key-id", help="Name of the new key; must be new to the origin.")],
    algorithm: Annotated[
        Literal["ed25519", "hmac-sha256"],
        typer.Option(help="ed25519: made here. hmac-sha256: taken from ORIGIN_SIGNING_KEY (or _FILE)."),
    ] = "ed25519",
    without_proof: Annotated[
        bool,
        typer.Option("--without-proof", help="Switch unproved: you know that the origin has the key."),
    ] = False,
    env: Environment = None,
    config: Config = None,
    bundle: BundleDirectory = BUNDLE,
    gate_url: GateUrl = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Bring a new key in without one refused request; run it until it says done.

    The first run uploads the key with no traffic and says what the origin's LENDGATE_EDGE_KEYS must gain.
    When the origin accepts it (seen by a signed round trip as LENDGATE_TOKEN), a run switches the traffic.
    Leaves with 5 while it waits for the origin.
    """
    files = Files(env, config, bundle, gate_url)
    with spoken_edge_errors():
        confirm(f"Rotate the signing key to {key_id}?", yes=yes)
        rotation = asyncio.run(_rotate(files, key_id, algorithm, without_proof=without_proof))
    if json:
        print_json(_json(rotation))
    else:
        _show(rotation)
    if rotation.stage == "waiting":
        raise typer.Exit(WAITING)


async def _rotate(
    files: Files, key_id: str, algorithm: Literal["ed25519", "hmac-sha256"], *, without_proof: bool
) -> Rotation:
    async with edge_session(files) as session:
        new = _new_key(session, key_id, algorithm)
        actual = await session.actual()
        if actual.live is None:
            raise StoppedError(f"there is no Worker {session.worker.name}: `lendgate edge deploy` makes it.")
        return await rotate(
            session.worker,
            session.desired,
            actual.live,
            make_plan(session.desired, actual),
            new,
            check=session.check,
            say=session.say,
            fingerprint_key=session.credentials.token,
            without_proof=without_proof,
        )


def _new_key(session: Session, key_id: str, algorithm: Literal["ed25519", "hmac-sha256"]) -> NewKey:
    if algorithm == "ed25519":
        new = new_ed25519(key_id)
    else:
        secret = read_secret(SIGNING_KEY, session.environ)
        if secret is None:
            raise CredentialsError(
                f"set {SIGNING_KEY} (or {SIGNING_KEY}_FILE) to the new shared secret, which the origin has "
                "already beside the old one"
            )
        session.api.scrub.learn(secret)
        new = shared_key(key_id, secret)
    for text in private_texts(new.secret):
        session.api.scrub.learn(text)
    return new


def _show(rotation: Rotation) -> None:
    show_checked(rotation.checked)
    lines = {
        "done": (
            f"done: the Worker signs with {rotation.key_id}. In {OVERLAP_SECONDS} seconds "
            f"{rotation.old_key_id} may be taken from the origin's LENDGATE_EDGE_KEYS. Write "
            f"ORIGIN_SIGNING_KEY_ID {rotation.key_id} into wrangler.jsonc."
        ),
        "was done": f"nothing to do: the Worker signs with {rotation.key_id} already.",
        "waiting": (
            f"waiting: version {rotation.version_id} has the key {rotation.key_id} and no traffic. Add "
            f"{rotation.for_origin} to the origin's LENDGATE_EDGE_KEYS beside {rotation.old_key_id}, then "
            "run the command again with LENDGATE_TOKEN set."
        ),
    }
    out.print(lines[rotation.stage], highlight=False, markup=False, soft_wrap=True)


def _json(rotation: Rotation) -> dict[str, JsonValue]:
    return {
        "stage": rotation.stage,
        "key_id": rotation.key_id,
        "old_key_id": rotation.old_key_id,
        "version_id": rotation.version_id,
        "for_origin": rotation.for_origin,
        "check": checked_json(rotation.checked),
    }
