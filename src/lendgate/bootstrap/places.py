"""Where things lie that are too large for the database: on disk, or in a bucket that is named.

Law: nothing is reached here; a place that is away is found out by whoever uses it.
"""

from __future__ import annotations

from lendgate.settings import ServiceSettings
from lendgate.store.blobs import Blobs
from lendgate.store.shelves import BucketShelf, DiskShelf, bucket_shelf
from lendgate.workflow.checkpoints import Keep, in_files, on_shelf
from lendgate.workflow.inbox import Bucket


def blobs_from(settings: ServiceSettings) -> Blobs:
    """Where the originals of documents lie."""
    if settings.documents_bucket is None:
        return Blobs(DiskShelf(settings.data_dir / "documents"))
    return Blobs(_bucket(settings, settings.documents_bucket))


def checkpoint_places(settings: ServiceSettings) -> list[Keep]:
    """Where checkpoints of the audit trails are kept: files always, a bucket where one is named."""
    files = in_files(settings.checkpoint_dir or settings.data_dir / "checkpoints")
    if settings.checkpoint_bucket is None:
        return [files]
    return [files, on_shelf(_bucket(settings, settings.checkpoint_bucket))]


def inbox_from(settings: ServiceSettings) -> Bucket | None:
    """Where the gate leaves documents, where it has a bucket."""
    if settings.documents_inbox is None:
        return None
    return _bucket(settings, settings.documents_inbox)


def _bucket(settings: ServiceSettings, url: str) -> BucketShelf:
    secret = settings.documents_secret_access_key
    return bucket_shelf(
        url,
        endpoint=settings.documents_endpoint,
        region=settings.documents_region,
        key_id=settings.documents_access_key_id,
        secret=secret.get_secret_value() if secret else None,
    )
