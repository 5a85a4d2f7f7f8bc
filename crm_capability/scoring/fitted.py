"""What was learned from data, as rows of the table `fitted` and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import EvidenceError, Place, Problem

Learned = Mapping[str, Any]


def recorded_rows(node: str, method: str, learned: Learned) -> list[dict[str, Any]]:
    """Rows of the table `fitted`; a parameter that is a list gets a row an entry, `name:0` on."""
    rows = []
    for name, value in learned.items():
        many = {f"{name}:{n}": one for n, one in enumerate(value)} if np.ndim(value) else {name: value}
        rows += [
            {"node": node, "method": method, "parameter": key, "value": float(one)}
            for key, one in many.items()
        ]
    return rows


@dataclass(frozen=True)
class Recorded:
    """The parameters that an earlier result recorded, to score new data with the old fit."""

    parameters: Mapping[tuple[str, str], Learned]

    @classmethod
    def read(cls, table: pd.DataFrame) -> Recorded:
        """From a table `fitted`."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        lists: dict[tuple[str, str], list[float]] = {}
        for node, method, name, value in table[["node", "method", "parameter", "value"]].itertuples(
            index=False
        ):
            place = found.setdefault((node, method), {})
            if name.startswith("value:"):  # the sorted values behind ranks
                lists.setdefault((node, method), []).append(value)
            else:
                place[name] = value
        for key, values in lists.items():
            found[key]["value"] = np.sort(np.array(values, dtype=float))
        return cls(found)

    def of(self, node: str, method: str) -> Learned:
        """What `method` learned for `node`. Raises EvidenceError where it is not recorded."""
        if (node, method) not in self.parameters:
            known = [other for name, other in self.parameters if name == node]
            remedy = (
                f"{node} was fitted by {', '.join(known)}" if known else "use the framework that was fitted"
            )
            raise EvidenceError(Problem(Place(), f"the old fit holds nothing for {method} of {node}", remedy))
        return self.parameters[node, method]
