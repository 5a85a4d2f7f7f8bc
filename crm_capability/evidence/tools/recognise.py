"""Which tool an export comes from: found from the file itself."""

from __future__ import annotations

from . import google_forms, kobo, limesurvey, plain, qualtrics, surveyjs, surveymonkey, tencent, wenjuanxing
from .export import Tool
from .grid import Grid

# The order matters where marks overlap: what has the plainest marks comes first.
TOOLS = {
    module.TOOL.name: module.TOOL
    for module in (
        wenjuanxing,
        tencent,
        qualtrics,
        surveymonkey,
        limesurvey,
        plain,
        surveyjs,
        google_forms,
        kobo,
    )
}


def tool_of(grid: Grid) -> tuple[Tool, bool]:
    """The first tool whose marks the file bears, and whether there was one: a table with one
    header row and no marks is read as the plain layout."""
    for tool in TOOLS.values():
        if tool.recognises(grid):
            return tool, True
    return TOOLS["plain"], False
