"""Checks of the exercises, one module a lecture: tables of answers, each with its hint."""
