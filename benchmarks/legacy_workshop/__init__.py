"""The migration of an older workshop's database, in three generations of its columns."""
