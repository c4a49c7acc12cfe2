"""Where packs come from: the samples inside the package, or a lender's own directory.

Law: a directory replaces the samples as a whole, and every product has exactly one pack; a lender never
judges one product by its own policy and another, unawares, by a sample.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from lendgate.errors import PolicyError
from lendgate.policy.pack import Pack, load_pack
from lendgate.policy.reasons import reasons_text
from lendgate.schema.enums import Product


def load_packs(directory: Path | None = None) -> Mapping[Product, Pack]:
    """Every product's pack: the packaged samples, or the ``*.yaml`` files of ``directory``.

    Raises:
        PolicyError: a file must not be used, or a product has no pack or two.
    """
    where = "the package" if directory is None else str(directory)
    packs: dict[Product, Pack] = {}
    for name, content in _packaged() if directory is None else _files(directory):
        pack = load_pack(name, content)
        if pack.product in packs:
            raise PolicyError(f"{name}: there is a second pack for {pack.product} in {where}; keep one")
        packs[pack.product] = pack
    for product in get_args(Product):
        if product not in packs:
            raise PolicyError(
                f"{where} has no pack for {product}; add one, beginning with the packaged sample"
            )
    return MappingProxyType({product: packs[product] for product in get_args(Product)})


def _packaged() -> Iterator[tuple[str, bytes]]:
    directory = resources.files("lendgate.policy").joinpath("packs")
    for file in sorted(directory.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            yield file.name, file.read_bytes()


def _files(directory: Path) -> Iterator[tuple[str, bytes]]:
    if not directory.is_dir():
        raise PolicyError(f"{directory} is no directory; point the policy directory at one with *.yaml packs")
    for file in sorted(directory.glob("*.yaml")):
        yield file.name, file.read_bytes()


def policy_version(packs: Mapping[Product, Pack]) -> str:
    """Which policy this is, in one short word: the newest effective date and a hash of every word of it."""
    newest = max(pack.effective_from for pack in packs.values())
    digest = hashlib.sha256(reasons_text())
    for product in sorted(packs):
        digest.update(f"\n{product}:{packs[product].reference.sha256}".encode())
    return f"{newest.isoformat()}-{digest.hexdigest()[:12]}"


def requirements_table(packs: Mapping[Product, Pack]) -> dict[str, object]:
    """The completeness table of the Worker and of ``intake``: what each product asks for, in public words."""
    return {
        "policy_version": policy_version(packs),
        "products": {
            product: {
                "missing_fields": list(pack.needs),
                "documents": [document.model_dump(mode="json") for document in pack.documents],
            }
            for product, pack in packs.items()
        },
    }
