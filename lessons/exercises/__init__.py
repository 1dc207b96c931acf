"""Checks behind the exercises, one module a lecture, with feedback in stages."""
