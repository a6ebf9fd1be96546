"""The shape of the database: `declarations` share one metadata, `migrations` brings a database to it.

Tables are declared with SQLAlchemy Core in the rooms they belong to, so that Alembic can compare
and the codebook can read them. Nothing queries through these declarations.
"""

SCHEMA = "holdfast"
"""The PostgreSQL schema that holds every table; here, so that nobody loads SQLAlchemy for its name."""
