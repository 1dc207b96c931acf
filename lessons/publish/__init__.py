"""Notebooks in, finished files out."""
