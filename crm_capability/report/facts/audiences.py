"""Audiences in words, and the rows of a table about the unit in the wave of the headline."""

from __future__ import annotations

import pandas as pd

from .rows import Teller


def audience(teller: Teller, role: str) -> str:
    """An audience in words; one of the plan's own making by its id."""
    return _named(teller, f"answers.audiences.{role}", role)


def within(teller: Teller, role: str) -> str:
    """The same inside a sentence."""
    return _named(teller, f"answers.within.{role}", audience(teller, role))


def _named(teller: Teller, key: str, otherwise: str) -> str:
    return teller.lang.say(key) if teller.lang.knows(key) else otherwise


def own(teller: Teller, name: str) -> pd.DataFrame:
    """The rows of a table about the unit in the wave of the headline."""
    frame = teller.book.frame(name)
    if frame.empty:
        return frame
    here = frame["wave"] == teller.book.after.id
    return frame[here & (frame["unit"] == teller.book.unit)] if "unit" in frame else frame[here]
