"""Days as definitions write them: 2017-01-31."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("day", "not a day such as 2017-01-31") from None
    if not isinstance(value, date):  # a bare 20170131 is a number, and would count as seconds
        raise PydanticCustomError("day", "not a day such as 2017-01-31")
    return value


Day = Annotated[date, BeforeValidator(_day)]
