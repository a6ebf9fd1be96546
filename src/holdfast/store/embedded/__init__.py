"""The stores that come with Holdfast: a PostgreSQL and a Valkey that need no installation.

Here belongs everything about running them: where their programs are, whose account they run under, the
one supervisor process per data directory, and how a server or a command takes hold of them. What is
stored in them, and how it is asked for, belongs to the rest of `holdfast.store`. The reasons are told in
`docs/decisions/0002-embedded-stores.md`.
"""

from holdfast.store.embedded.programs import pg_binaries
from holdfast.store.embedded.stores import EmbeddedStores

__all__ = ["EmbeddedStores", "pg_binaries"]
