"""The stores: PostgreSQL is the truth, Redis may be flushed at any moment.

`database` (pool, one transaction per command), `statements` (named SQL), `schema` (declarations
and migrations), `ephemeral` (Redis: rate limits, owned locks), `embedded` (bundled servers).
Nothing of the field belongs here.
"""
