"""The upload form: wrangler's shape, secrets inside, and a tag that names exactly this content."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lendgate.cloudflare.desired import Desired
from lendgate.cloudflare.upload import Form, Kept, make_form, mark_of
from tests.cloudflare_api.lab import CODE, SECRET, TOKEN, make_desired, variables

KEPT = Kept(
    "11111111-2222-4333-8444-555555555555",
    (
        {"name": "ORIGIN_SIGNING_KEY", "type": "secret_text"},
        {"name": "OTHER_SECRET", "type": "secret_text"},
        {"name": "ORIGIN_SIGNING_KEY_ID", "type": "plain_text", "text": "edge-7"},
        {"name": "ORIGIN_SIGNING_ALG", "type": "plain_text", "text": "ed25519"},
        {"name": "ORIGIN_URL", "type": "plain_text", "text": "old"},
    ),
)


def _form(
    desired: Desired | None = None, secrets: dict[str, str] | None = None, kept: Kept | None = None
) -> Form:
    return make_form(
        desired or make_desired(),
        secrets={"ORIGIN_SIGNING_KEY": SECRET} if secrets is None else secrets,
        kept=kept,
        message="a note",
        fingerprint_key=TOKEN,
    )


def _bindings(form: Form) -> dict[str, Any]:
    metadata = json.loads(form.parts()[0][1][1])
    return {binding["name"]: binding for binding in metadata["bindings"]}


def test_parts() -> None:
    """A metadata part without a file name, then each module under its own name, as wrangler sends them."""
    metadata, module = _form().parts()
    assert metadata[:1] == ("metadata",)
    assert metadata[1][0] is None
    assert module == ("gate.js", ("gate.js", CODE, "application/javascript+module"))


def test_metadata() -> None:
    """The main module, dates, classes and notes."""
    form = _form(make_desired(limits={"cpu_ms": 200}))
    metadata = json.loads(form.parts()[0][1][1])
    assert metadata["main_module"] == "gate.js"
    assert metadata["compatibility_date"] == "2026-10-23"
    assert metadata["exports"] == {"BrokerLimiter": {"type": "durable-object", "storage": "sqlite"}}
    assert metadata["limits"] == {"cpu_ms": 200}
    assert metadata["annotations"] == {"workers/message": "a note", "workers/tag": form.tag}


def test_secrets_travel_with_the_version() -> None:
    """A supplied value is in the same upload as the code."""
    assert _bindings(_form())["ORIGIN_SIGNING_KEY"] == {
        "name": "ORIGIN_SIGNING_KEY",
        "type": "secret_text",
        "text": SECRET,
    }


def test_kept_secrets_come_from_the_named_version() -> None:
    """Every other secret is inherited from the deployed version, not from whoever uploaded last."""
    bindings = _bindings(_form(secrets={}, kept=KEPT))
    for name in ("ORIGIN_SIGNING_KEY", "OTHER_SECRET"):
        assert bindings[name] == {"name": name, "type": "inherit", "version_id": KEPT.version_id}


def test_key_id_stays_with_its_key() -> None:
    """Variables that describe the signing key are inherited with it; other variables are the file's."""
    bindings = _bindings(_form(secrets={}, kept=KEPT))
    assert bindings["ORIGIN_SIGNING_KEY_ID"]["type"] == "inherit"
    assert bindings["ORIGIN_SIGNING_ALG"]["type"] == "inherit"
    assert bindings["ORIGIN_URL"]["text"] == ""


def test_new_key_brings_its_id() -> None:
    """With a new signing key the file's key id and algorithm count."""
    bindings = _bindings(_form(kept=KEPT))
    assert bindings["ORIGIN_SIGNING_KEY_ID"]["text"] == "edge-1"


def test_code_digest_and_mark() -> None:
    """The code's digest is bound, and the edge's version carries a mark of this very upload."""
    form = _form()
    bindings = _bindings(form)
    assert bindings["EDGE_CODE_SHA256"]["text"] == make_desired().code_digest
    assert bindings["EDGE_VERSION"]["text"] == f"0.1.0+{mark_of(form.tag)}"


@given(
    st.sampled_from([CODE, CODE + b"//"]),
    st.sampled_from(["", "https://a.example"]),
    st.sampled_from([{}, {"ORIGIN_SIGNING_KEY": SECRET}, {"ORIGIN_SIGNING_KEY": SECRET[::-1]}]),
)
def test_tag_names_the_content(code: bytes, origin: str, secrets: dict[str, str]) -> None:
    """The same content has the same tag; any other code, variable or secret has another one."""
    desired = make_desired(code, vars=variables(ORIGIN_URL=origin))
    form = _form(desired, secrets)
    assert form.tag == _form(desired, secrets).tag
    assert len(form.tag.encode()) <= 100
    same = (code, origin, secrets) == (CODE, "", {})
    assert (form.tag == _form(secrets={}).tag) == same


def test_tag_does_not_tell_the_secret() -> None:
    """Who does not know the API token cannot test guesses of a secret against the tag."""
    desired, secrets = make_desired(), {"ORIGIN_SIGNING_KEY": SECRET}
    tags = {
        make_form(desired, secrets=secrets, kept=None, message="", fingerprint_key=key).tag
        for key in (TOKEN, "another token")
    }
    assert len(tags) == 2


def test_message_is_cut_at_whole_characters() -> None:
    """Cloudflare keeps 1,000 bytes of a message; it is not cut inside a character."""
    form = make_form(make_desired(), secrets={}, kept=None, message="é" * 600, fingerprint_key=TOKEN)
    metadata = json.loads(form.parts()[0][1][1])
    assert metadata["annotations"]["workers/message"] == "é" * 500


def test_form_shows_no_secret() -> None:
    """The representation of a form leaves the metadata out."""
    assert SECRET not in repr(_form())
