"""A branch of the tree as a picture: each node as wide as its level, as high as its weight."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import escape

from ..definition.framework import Framework, Group, Measure
from .language import Language

WIDTH, ROW, GAP = 720.0, 25.0, 3.0  # points; a row holds two lines of a name
_FILLS = ("#0A2F57", "#0B5CAD", "#D5E2F0")
_INKS = ("#FFFFFF", "#FFFFFF", "#1B2733")


def tree_picture(framework: Framework, root: Group, shares: Mapping[str, float], lang: Language) -> str:
    """The branch under a node as SVG: a hundred measures take a hundred rows, and all can be read."""
    deepest = _depth(root)
    column = WIDTH / (deepest + 1)
    leaves = _leaves(root)
    height = leaves * ROW
    boxes: list[str] = []

    def draw(node: Group | Measure, level: int, top: float) -> float:
        rows = _leaves(node) * ROW
        # a measure reaches to the right end, whatever its depth
        width = (WIDTH - level * column if isinstance(node, Measure) else column) - GAP
        fill, ink = (
            (_FILLS[-1], _INKS[-1]) if isinstance(node, Measure) else (_FILLS[min(level, 1)], _INKS[0])
        )
        share = lang.share(shares[node.id], 1)
        title = escape(lang.text(node.title))
        boxes.append(
            f'<rect x="{level * column:.1f}" y="{top:.1f}" width="{width:.1f}" height="{rows - GAP:.1f}" fill="{fill}"/>'
            f'<foreignObject x="{level * column + 4:.1f}" y="{top:.1f}" width="{width - 8:.1f}" height="{rows - GAP:.1f}">'
            f'<div xmlns="http://www.w3.org/1999/xhtml" class="box{" row" if rows == ROW else ""}" style="color:{ink}">'
            f"<span>{title}</span> <small>{share}</small></div></foreignObject>"
        )
        if isinstance(node, Group):
            below = top
            for child in node.children:
                below = draw(child, level + 1, below)
        return top + rows

    draw(root, 0, 0.0)
    about = escape(lang.say("definition.picture", node=lang.text(root.title), count=leaves))
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{about}</title>{''.join(boxes)}</svg>"
    )


def _leaves(node: Group | Measure) -> int:
    return 1 if isinstance(node, Measure) else sum(_leaves(child) for child in node.children)


def _depth(node: Group | Measure) -> int:
    return 0 if isinstance(node, Measure) else 1 + max(_depth(child) for child in node.children)
