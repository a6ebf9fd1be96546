"""Scenarios: the document format, its reader and writer, and the import of older blueprints.

Here belongs what a scenario *is*. What happens when one is played belongs to ``engine``.
"""
