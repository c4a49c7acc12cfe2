"""YAML as policy reads it: safe, and no key twice.

Law: a key that is given twice is refused rather than the first one forgotten, because a pack whose text
says two things must not be used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from lendgate.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Hashable


class _UniqueKeyLoader(yaml.SafeLoader):
    """The safe loader, with duplicate keys refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - the signature of the loader
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise PolicyError(f"line {line}: the key '{key.value}' is given twice; remove one")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(name: str, content: bytes) -> object:
    """The document in ``content``; PolicyError names the file and the place of what is wrong."""
    try:
        loader = _UniqueKeyLoader(content.decode())
        document: object = loader.get_single_data()
    except PolicyError as error:
        raise PolicyError(f"{name}: {error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PolicyError(f"{name}: is not YAML in UTF-8: {error}") from error
    return document
