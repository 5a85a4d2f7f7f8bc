"""Charts as DrawingML: groups of series, axes, labels. What they mean is for `charts` to say.

Written out because what makes these charts ours (outlined targets on axes of their own, error
bars from cells, labels a point) is beyond what python-pptx builds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from .sheet_data import Data
from .text import Voice, clean, run


@dataclass(frozen=True)
class Ink:
    """How a mark is drawn: filled, outlined, hatched, or not at all."""

    fill: str = ""
    line: str = ""
    thick: float = 0.75
    hatch: str = ""
    dashed: bool = False

    def xml(self) -> str:
        return f"<c:spPr>{self._fill()}{self._line()}</c:spPr>"

    def _fill(self) -> str:
        if self.hatch:
            return f'<a:pattFill prst="wdUpDiag"><a:fgClr>{_rgb(self.hatch)}</a:fgClr><a:bgClr><a:srgbClr val="FFFFFF"/></a:bgClr></a:pattFill>'
        return f"<a:solidFill>{_rgb(self.fill)}</a:solidFill>" if self.fill else "<a:noFill/>"

    def _line(self) -> str:
        if not self.line:
            return "<a:ln><a:noFill/></a:ln>"
        dash = '<a:prstDash val="sysDash"/>' if self.dashed else ""
        return f'<a:ln w="{round(self.thick * 12700)}" cap="flat"><a:solidFill>{_rgb(self.line)}</a:solidFill>{dash}<a:round/></a:ln>'


NOTHING = Ink()


@dataclass(frozen=True)
class Label:
    """Words at a point, in the place of its number."""

    point: int
    text: str
    colour: str
    place: str  # r, t, ctr, inBase, …
    bold: bool = False


@dataclass(frozen=True)
class Arms:
    """Error bars: the columns that hold how far they reach up and down."""

    direction: str  # x or y; for bars y is along the bar
    up: int
    down: int
    ink: Ink


@dataclass(frozen=True)
class Series:
    """One column of the data, drawn; in a scatter it is the x, and `up` the column of its y."""

    column: int
    ink: Ink
    up: int = 0
    marker: str = ""  # circle, dash, …
    marker_size: int = 8
    marker_ink: Ink = NOTHING
    labels: tuple[Label, ...] = ()
    label_size: float = 10.0
    arms: tuple[Arms, ...] = ()


@dataclass(frozen=True)
class Axis:
    """An axis: its ends, whether it shows, where."""

    low: float | None = None
    high: float | None = None
    unit: float | None = None
    shown: bool = True
    grid: str = ""
    turned: bool = False
    place: str = "b"
    size: float = 10.0
    colour: str = ""
    title: str = ""
    form: str = "0"


def bar_group(
    data: Data,
    series: Iterable[Series],
    voice: Voice,
    ids: tuple[int, int],
    gap: int,
    stacked: bool = False,
    overlap: int = 0,
    first: int = 0,
    upright: bool = False,
) -> str:
    """Bars, lying unless `upright`, beside each other or in a stack; `first` counts the series of groups before."""
    grouping, overlap = ("stacked", 100) if stacked else ("clustered", overlap)
    told = "".join(_series(data, one, voice, "bar", first + n) for n, one in enumerate(series))
    return f'<c:barChart><c:barDir val="{"col" if upright else "bar"}"/><c:grouping val="{grouping}"/><c:varyColors val="0"/>{told}<c:gapWidth val="{gap}"/><c:overlap val="{overlap}"/>{_ids(ids)}</c:barChart>'


def scatter_group(data: Data, series: Iterable[Series], voice: Voice, ids: tuple[int, int]) -> str:
    told = "".join(_series(data, one, voice, "scatter", n) for n, one in enumerate(series))
    return f'<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>{told}{_ids(ids)}</c:scatterChart>'


def line_group(data: Data, series: Iterable[Series], voice: Voice, ids: tuple[int, int]) -> str:
    told = "".join(_series(data, one, voice, "line", n) for n, one in enumerate(series))
    return f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{told}<c:marker val="1"/>{_ids(ids)}</c:lineChart>'


def category_axis(axis: Axis, voice: Voice, ids: tuple[int, int]) -> str:
    head = _axis_head(axis, voice, ids[0], str(axis.place))
    return f'<c:catAx>{head}<c:crossAx val="{ids[1]}"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="40"/><c:noMultiLvlLbl val="1"/></c:catAx>'


def value_axis(
    axis: Axis, voice: Voice, ids: tuple[int, int], between: str = "between", crosses: str = "autoZero"
) -> str:
    head = _axis_head(axis, voice, ids[0], axis.place)
    unit = f'<c:majorUnit val="{axis.unit!r}"/>' if axis.unit else ""
    return f'<c:valAx>{head}<c:crossAx val="{ids[1]}"/><c:crosses val="{crosses}"/><c:crossBetween val="{between}"/>{unit}</c:valAx>'


def chart_space(groups: str, axes: str, voice: Voice, inner: tuple[float, float, float, float] | None) -> str:
    """What stands in a chart's part before its workbook; `inner` is where the plot lies, in shares of the frame."""
    layout = "<c:layout/>"
    if inner is not None:
        told = "".join(f'<c:{name} val="{value!r}"/>' for name, value in zip("xywh", inner, strict=True))
        layout = f'<c:layout><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>{told}</c:manualLayout></c:layout>'
    area = f"<c:plotArea>{layout}{groups}{axes}{NOTHING.xml()}</c:plotArea>"
    chart = f'<c:chart><c:autoTitleDeleted val="1"/>{area}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
    return f'<c:date1904 val="0"/><c:lang val="{voice.language}"/><c:roundedCorners val="0"/>{chart}{NOTHING.xml()}{_type(voice, 10.0, "")}'


def _axis_head(axis: Axis, voice: Voice, own: int, place: str) -> str:
    """What both kinds of axis begin with, in the schema's order."""
    ends = "".join(
        f'<c:{name} val="{value!r}"/>'
        for name, value in (("max", axis.high), ("min", axis.low))
        if value is not None
    )
    turned = "maxMin" if axis.turned else "minMax"
    grid = f"<c:majorGridlines>{Ink(line=axis.grid, thick=0.6).xml()}</c:majorGridlines>" if axis.grid else ""
    title = ""
    if axis.title:
        words = run(axis.title, voice, axis.size, False, axis.colour)
        title = f'<c:title><c:tx><c:rich><a:bodyPr/><a:p>{words}</a:p></c:rich></c:tx><c:overlay val="0"/></c:title>'
    labels = "nextTo" if axis.shown else "none"
    return (
        f'<c:axId val="{own}"/><c:scaling><c:orientation val="{turned}"/>{ends}</c:scaling>'
        f'<c:delete val="{int(not axis.shown)}"/><c:axPos val="{place}"/>{grid}{title}'
        f'<c:numFmt formatCode={quoteattr(axis.form)} sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="{labels if not axis.shown else "low"}"/>{NOTHING.xml()}{_type(voice, axis.size, axis.colour)}'
    )


def _ids(ids: tuple[int, int]) -> str:
    return "".join(f'<c:axId val="{one}"/>' for one in ids)


def _series(data: Data, one: Series, voice: Voice, kind: str, order: int) -> str:
    place = one.column
    name = escape(clean(data.columns[place].name))
    head = f'<c:idx val="{place}"/><c:order val="{order}"/><c:tx><c:strRef><c:f>{data.heading(place)}</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{name}</c:v></c:pt></c:strCache></c:strRef></c:tx>{one.ink.xml()}'
    labels = _labels(one, voice)
    arms = "".join(_arms(data, arm, kind) for arm in one.arms)
    marker = _marker(one)
    if kind == "bar":
        return f'<c:ser>{head}<c:invertIfNegative val="0"/>{labels}{arms}<c:cat>{_names(data)}</c:cat><c:val>{_numbers(data, place)}</c:val></c:ser>'
    if kind == "line":
        return f'<c:ser>{head}{marker}{labels}{arms}<c:cat>{_names(data)}</c:cat><c:val>{_numbers(data, place)}</c:val><c:smooth val="0"/></c:ser>'
    return f'<c:ser>{head}{marker}{labels}{arms}<c:xVal>{_numbers(data, place)}</c:xVal><c:yVal>{_numbers(data, one.up)}</c:yVal><c:smooth val="0"/></c:ser>'


def _marker(one: Series) -> str:
    if not one.marker:
        return '<c:marker><c:symbol val="none"/></c:marker>'
    return f'<c:marker><c:symbol val="{one.marker}"/><c:size val="{one.marker_size}"/>{one.marker_ink.xml()}</c:marker>'


def _labels(one: Series, voice: Voice) -> str:
    if not one.labels:
        return ""
    off = '<c:showLegendKey val="0"/><c:showVal val="{shown}"/><c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/>'
    told = "".join(
        f'<c:dLbl><c:idx val="{label.point}"/><c:tx><c:rich><a:bodyPr wrap="none"/><a:p>{run(label.text, voice, one.label_size, label.bold, label.colour)}</a:p></c:rich></c:tx>'
        f'<c:dLblPos val="{label.place}"/>{off.format(shown=1)}</c:dLbl>'
        for label in one.labels
    )
    return f"<c:dLbls>{told}{off.format(shown=0)}</c:dLbls>"


def _arms(data: Data, arm: Arms, kind: str) -> str:
    direction = f'<c:errDir val="{arm.direction}"/>' if kind != "bar" else ""
    return (
        f'<c:errBars>{direction}<c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="1"/>'
        f"<c:plus>{_numbers(data, arm.up)}</c:plus><c:minus>{_numbers(data, arm.down)}</c:minus>{arm.ink.xml()}</c:errBars>"
    )


def _numbers(data: Data, place: int) -> str:
    points = "".join(
        f'<c:pt idx="{n}"><c:v>{value!r}</c:v></c:pt>'
        for n, value in enumerate(data.columns[place].values)
        if value is not None
    )
    return f'<c:numRef><c:f>{data.reference(place)}</c:f><c:numCache><c:formatCode>General</c:formatCode><c:ptCount val="{data.size}"/>{points}</c:numCache></c:numRef>'


def _names(data: Data) -> str:
    points = "".join(
        f'<c:pt idx="{n}"><c:v>{escape(clean(str(value)))}</c:v></c:pt>'
        for n, value in enumerate(data.columns[0].values)
    )
    return f'<c:strRef><c:f>{data.reference(0)}</c:f><c:strCache><c:ptCount val="{data.size}"/>{points}</c:strCache></c:strRef>'


def _rgb(colour: str) -> str:
    return f'<a:srgbClr val="{colour.lstrip("#")}"/>'


def _type(voice: Voice, size: float, colour: str) -> str:
    """Default type of a chart or an axis."""
    look = run("", voice, size, False, colour, "defRPr").replace(' dirty="0"', "")
    return (
        f'<c:txPr><a:bodyPr/><a:p><a:pPr>{look}</a:pPr><a:endParaRPr lang="{voice.language}"/></a:p></c:txPr>'
    )


def extent(values: Sequence[float | None]) -> tuple[float, float]:
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else (0.0, 1.0)
