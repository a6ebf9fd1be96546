"""Holdfast keeps learning sessions and turns them into research."""

__version__ = "0.1.0"
