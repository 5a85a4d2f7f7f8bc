"""Kinds of columns, and what a table's columns look like: name, kind, meaning."""

from __future__ import annotations

from typing import TypeAlias

TEXT, NUMBER, WHOLE = "text", "number", "whole"
Columns: TypeAlias = dict[str, dict[str, tuple[str, str]]]
