"""crm-capability: how good a company is at managing its customer relationships, with evidence.

from crm_capability import load_plan, assess, write_report

result = assess(load_plan("assessment.yaml"))
write_report(result, "results")
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in typing, whose import would be most of ours
if TYPE_CHECKING:
    from typing import Any

    from .analysis.result import Result, load_result
    from .analysis.sensitivity import sensitivity
    from .assess import assess
    from .definition.loaded import load_framework, load_plan
    from .errors import CapabilityError
    from .report.folder import write_report
    from .scoring.values import score_values

# Heavy libraries are imported when a name is first used: `import crm_capability` costs nothing.
_HOMES = {
    "CapabilityError": "errors",
    "Result": "analysis.result",
    "assess": "assess",
    "load_framework": "definition.loaded",
    "load_plan": "definition.loaded",
    "load_result": "analysis.result",
    "score_values": "scoring.values",
    "sensitivity": "analysis.sensitivity",
    "write_report": "report.folder",
}
__all__ = [
    "CapabilityError",
    "Result",
    "assess",
    "load_framework",
    "load_plan",
    "load_result",
    "score_values",
    "sensitivity",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Door(type(sys)):  # type: ignore[misc]
    """Whoever imports the module `assess` puts it into the package, where its function belongs."""

    def __setattr__(self, name: str, value: Any) -> None:
        is_module = name in _HOMES and isinstance(value, type(sys))
        super().__setattr__(name, getattr(value, name) if is_module else value)


sys.modules[__name__].__class__ = _Door
