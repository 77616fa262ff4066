"""A collection's map as SVG: one colour and one shape of mark for each of the largest groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from clinsearch.records.maps import CollectionMap, MapPoint
from clinsearch.rendering.pages.page import shown
from clinsearch.rendering.wording import number

By: TypeAlias = Literal["type", "section", "patient", "score"]

GROUPS_TOLD_APART = 8
OTHER = "other"
NOT_FOUND = "not found"
WIDTH, HEIGHT, EDGE = 960, 640, 34
LEGEND_WIDTH, LINE_HEIGHT, LETTERS_IN_LEGEND = 260, 22, 28
FIELDS = {"type": "note_type", "section": "section", "patient": "patient_id"}

# Marks about 9 pixels across, the last for all other groups.
SHAPES = (
    "M-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0-8.4 0z",
    "M-3.7-3.7h7.4v7.4h-7.4z",
    "M0-5L4.8 3.5H-4.8z",
    "M0-5.4L5.4 0L0 5.4L-5.4 0z",
    "M0 5L4.8-3.5H-4.8z",
    "M-1.6-5h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4v-3.2h3.4z",
    "M-4.7-2.4L-2.4-4.7L0-2.3L2.4-4.7L4.7-2.4L2.3 0L4.7 2.4L2.4 4.7L0 2.3L-2.4 4.7L-4.7 2.4L-2.3 0z",
    "M0-5.6L1.5-1.8L5.4-1.7L2.4.8L3.4 4.6L0 2.4L-3.4 4.6L-2.4.8L-5.4-1.7L-1.5-1.8z",
    "M-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0z",
)
# Discs that grow with a score, beside a colour that grows darker, or on a dark ground lighter.
SCORED = tuple(f"M-{r} 0a{r} {r} 0 1 0 {2 * r:g} 0a{r} {r} 0 1 0-{2 * r:g} 0z" for r in (3, 3.5, 4, 4.5, 5.2, 6))
# Okabe and Ito's, which no kind of colour-blindness confuses, and lighter ones for a dark ground.
LIGHT = ("#0072b2", "#d55e00", "#009e73", "#b8568c", "#c98a00", "#2f9fd8", "#7a52a8", "#8a5a2b", "#9aa0a6")
DARK = ("#4fa9e2", "#f5854a", "#33c79c", "#e79cc6", "#f0b83c", "#96d4f7", "#b994e6", "#cfa36c", "#6f767e")


@dataclass(frozen=True, slots=True)
class Group:
    """Points that look alike. `mark` numbers its shape and colour."""

    name: str
    mark: int
    points: tuple[MapPoint, ...]


def grouped(found: CollectionMap, by: By) -> list[Group]:
    """Put points together by type, section or patient: the largest groups first, and what is left as one."""
    names = [getattr(point, FIELDS[by]) or "not given" for point in found.points]
    counts = sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))
    kept = [name for name, _ in counts[:GROUPS_TOLD_APART]]
    members: dict[str, list[MapPoint]] = {name: [] for name in kept}
    rest: list[MapPoint] = []
    for name, point in zip(names, found.points, strict=True):
        members.get(name, rest).append(point)
    groups = [Group(name, mark, tuple(points)) for mark, (name, points) in enumerate(members.items())]
    return [*groups, Group(OTHER, len(SHAPES) - 1, tuple(rest))] if rest else groups


def by_score(found: CollectionMap, scores: Sequence[float | None]) -> list[Group]:
    """Put points together by their score, in steps of equal width, the highest first; None: it was not found."""
    known = [score for score in scores if score is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    width = (high - low) / len(SCORED) or 1.0
    steps: list[list[MapPoint]] = [[] for _ in SCORED]
    rest = [point for point, score in zip(found.points, scores, strict=True) if score is None]
    for point, score in zip(found.points, scores, strict=True):
        if score is not None:
            steps[min(len(SCORED) - 1, int((score - low) / width))].append(point)
    groups = [
        Group(_step_name(low + step * width, low + (step + 1) * width), len(SHAPES) + step, tuple(points))
        for step, points in enumerate(steps)
        if points
    ]
    return [*reversed(groups), *([Group(NOT_FOUND, len(SHAPES) - 1, tuple(rest))] if rest else [])]


def _step_name(low: float, high: float) -> str:
    return f"{number(low, 2)} to {number(min(high, 1.0), 2)}"


def placed(found: CollectionMap) -> dict[int, tuple[float, float]]:
    """Return where each point, by its identity, is drawn: one scale on both axes, y upwards."""
    xs, ys = [point.x for point in found.points], [point.y for point in found.points]
    span_x, span_y = max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0
    scale = min((WIDTH - 2 * EDGE) / span_x, (HEIGHT - 2 * EDGE) / span_y)
    middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    return {
        id(point): (
            round(WIDTH / 2 + (point.x - middle_x) * scale, 1),
            round(HEIGHT / 2 - (point.y - middle_y) * scale, 1),
        )
        for point in found.points
    }


def marks(found: CollectionMap, groups: list[Group], *, titled: bool) -> str:
    """Draw axes and points, the largest group undermost; `titled` gives each point what a viewer shows of it."""
    place = placed(found)
    is_scored = any(group.mark >= len(SHAPES) for group in groups)
    drawn_by = (*SHAPES, *SCORED) if is_scored else SHAPES
    shapes = "".join(f'<path id="m{mark}" d="{shape}"/>' for mark, shape in enumerate(drawn_by))
    drawn = [_marks_of(group, place, titled) for group in sorted(groups, key=_depth)]
    across, up = axis_names(found)
    return (
        f'<defs>{shapes}</defs><rect class="ground" x=".5" y=".5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10"/>'
        f'<text class="axis" x="{WIDTH - 12}" y="{HEIGHT - 12}" text-anchor="end">{across} →</text>'
        f'<text class="axis" transform="translate(20 12) rotate(-90)" text-anchor="end">{up} →</text>{"".join(drawn)}'
    )


def axis_names(found: CollectionMap) -> tuple[str, str]:
    """Say what the axes are."""
    if found.variance is None:
        return f"{found.method.upper()} 1", f"{found.method.upper()} 2"
    first, second = (f"{number(100 * share, 1)} % of the variance" for share in found.variance)
    return f"first component, {first}", f"second component, {second}"


def caption(found: CollectionMap) -> str:
    """Say how many points there are, and of how many they are a sample."""
    if len(found.points) < found.total:
        return f"{len(found.points):,} of {found.total:,} {found.level}s, a random sample, the same each time"
    return f"{found.total:,} {found.level}{'' if found.total == 1 else 's'}"


def map_svg(found: CollectionMap, by: By) -> str:
    """Draw a map as an SVG file of its own, with a legend; a viewer that knows titles shows each point's text."""
    groups = grouped(found, by)
    height = max(HEIGHT, 80 + LINE_HEIGHT * len(groups))
    dark = "".join(_colour(mark, colour) for mark, colour in enumerate(DARK))
    style = (
        "text{font:13px system-ui,sans-serif;fill:#1c2024}.axis,.quiet{fill:#5b6470}.paper{fill:#fff}"
        ".ground{fill:none;stroke:#e2e0db}use{fill-opacity:.85}"
        f"{''.join(_colour(mark, colour) for mark, colour in enumerate(LIGHT))}"
        "@media (prefers-color-scheme:dark){text{fill:#e6e8ea}.axis,.quiet{fill:#9aa3ae}.paper{fill:#16181c}"
        f".ground{{stroke:#33383f}}{dark}}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEGEND_WIDTH} {height}" '
        f'width="{WIDTH + LEGEND_WIDTH}" height="{height}" role="img"><title>{caption(found)}</title>'
        f'<style>{style}</style><rect class="paper" width="100%" height="100%"/>'
        f"{marks(found, groups, titled=True)}{_legend(found, groups, by)}</svg>\n"
    )


def described(point: MapPoint) -> list[str]:
    """Return what is told of a point, line by line: its note, what is known of that, its section and sentence."""
    day = point.note_datetime.date().isoformat() if point.note_datetime else None
    about = " · ".join(part for part in (point.title, point.note_type, day, point.patient_id) if part)
    return [point.note_id, about, point.section or "", point.sentence or ""]


def _depth(group: Group) -> int:
    """Order groups from the undermost: what is rare lies above what is frequent, what scores high above all."""
    return group.mark if group.mark >= len(SHAPES) else -group.mark


def _marks_of(group: Group, place: dict[int, tuple[float, float]], titled: bool) -> str:
    drawn = "".join(_mark(group, point, place[id(point)], titled) for point in group.points)
    return f'<g class="g{group.mark}">{drawn}</g>'


def _mark(group: Group, point: MapPoint, place: tuple[float, float], titled: bool) -> str:
    x, y = place
    if not titled:
        return f'<use href="#m{group.mark}" x="{x}" y="{y}"/>'
    title = shown("\n".join(filter(None, described(point))))
    return f'<use href="#m{group.mark}" x="{x}" y="{y}"><title>{title}</title></use>'


def _legend(found: CollectionMap, groups: list[Group], by: By) -> str:
    lines = [
        f'<g transform="translate({WIDTH + 24} {70 + LINE_HEIGHT * line})"><use class="g{group.mark}" '
        f'href="#m{group.mark}"/><text x="14" y="4.5"><tspan>{shown(_cut(group.name))}</tspan>'
        f'<tspan class="quiet" dx="6">{len(group.points):,}</tspan></text></g>'
        for line, group in enumerate(groups)
    ]
    head = caption(found).replace(", a random", "\n a random").split("\n")
    said = "".join(f'<tspan x="{WIDTH + 16}" dy="{17 * bool(n)}">{line}</tspan>' for n, line in enumerate(head))
    return f'<text class="quiet" x="{WIDTH + 16}" y="22">{said}</text>{"".join(lines)}'


def _cut(name: str) -> str:
    return name if len(name) <= LETTERS_IN_LEGEND else name[: LETTERS_IN_LEGEND - 1] + "…"


def _colour(mark: int, colour: str) -> str:
    return f".g{mark}{{fill:{colour}}}"
