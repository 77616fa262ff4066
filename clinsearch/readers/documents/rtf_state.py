"""What holds in a group of an RTF document, and what control words change of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import NamedTuple, Protocol

from clinsearch.readers.documents.flows import Flow
from clinsearch.readers.documents.rtf_tables import LEVELS_OF_HEADINGS

BODY, HEADER, FOOTER, NOTES, BOX = "body", "header", "footer", "notes", "box"


class Place(Enum):
    """What becomes of text."""

    TEXT = auto()
    NOTHING = auto()
    FONTS = auto()
    STYLES = auto()
    INFO = auto()
    TITLE = auto()
    MARKER = auto()
    CHECKBOX = auto()


FLOWS = {
    **dict.fromkeys(("header", "headerf", "headerl", "headerr"), HEADER),
    **dict.fromkeys(("footer", "footerf", "footerl", "footerr"), FOOTER),
    "footnote": NOTES,
    **dict.fromkeys(("shptxt", "dptxbxtext"), BOX),
}
_NOT_TEXT = """colortbl pict filetbl nonshppict nonesttables shprslt xe rxe bxe txe tc tcn template ftnsep ftnsepc
ftncn aftnsep aftnsepc aftncn objdata objclass private sn sv fldinst upr"""
PLACES = {
    **dict.fromkeys(_NOT_TEXT.split(), Place.NOTHING),
    **dict.fromkeys(("pntext", "listtext"), Place.MARKER),
    "fonttbl": Place.FONTS,
    "stylesheet": Place.STYLES,
    "info": Place.INFO,
    "formfield": Place.CHECKBOX,
    "ud": Place.TEXT,
}
# Groups marked as not for every program, which have text, or the ends of rows.
SHOWN = frozenset({"shpinst", "do", "nesttableprops"})


class State(NamedTuple):
    """What holds until the group ends; `fallback`: how many characters after a `\\u` stand for the same."""

    place: Place = Place.TEXT
    flow: str = BODY
    hidden: bool = False
    deleted: bool = False
    font: int = 0
    fallback: int = 1
    style: int = 0
    outlined: bool = False
    depth: int = 0


def _is_on(value: int | None) -> bool:
    return value != 0


CHANGES: Mapping[str, Callable[[State, int | None], State]] = {
    "v": lambda state, value: state._replace(hidden=_is_on(value)),
    "deleted": lambda state, value: state._replace(deleted=_is_on(value)),
    "f": lambda state, value: state._replace(font=value or 0),
    "uc": lambda state, value: state._replace(fallback=max(0, 1 if value is None else value)),
    "s": lambda state, value: state._replace(style=value or 0),
    "outlinelevel": lambda state, value: state._replace(outlined=value in LEVELS_OF_HEADINGS),
    "pard": lambda state, _: state._replace(style=0, outlined=False, depth=0),
    "intbl": lambda state, _: state._replace(depth=max(1, state.depth)),
    "itap": lambda state, value: state._replace(depth=max(0, value or 0)),
}


def end_paragraph(flow: Flow, state: State, *, is_heading: bool) -> None:
    """End a paragraph."""
    flow.draft(state.depth).end_paragraph(is_heading=is_heading)


def _break(flow: Flow, state: State, *, is_heading: bool) -> None:
    flow.draft(state.depth).break_line()


def _part(flow: Flow, state: State, *, is_heading: bool) -> None:
    end_paragraph(flow, state, is_heading=is_heading)
    flow.draft(state.depth).part()


def _open_row(flow: Flow, state: State, *, is_heading: bool) -> None:
    flow.in_row = True


def _end_cell(flow: Flow, state: State, *, is_heading: bool) -> None:
    flow.end_cell()


def _end_row(flow: Flow, state: State, *, is_heading: bool) -> None:
    flow.end_row()


def _end_inner_cell(flow: Flow, state: State, *, is_heading: bool) -> None:
    flow.end_inner_cell()


def _end_inner_row(flow: Flow, state: State, *, is_heading: bool) -> None:
    flow.end_inner_row()


class Act(Protocol):
    """What a control word does to a flow."""

    def __call__(self, flow: Flow, state: State, *, is_heading: bool) -> None:
        """Do it."""


ACTS: Mapping[str, Act] = {
    "par": end_paragraph,
    "line": _break,
    "lbr": _break,
    "column": _break,
    "page": _break,
    "sect": _part,
    "trowd": _open_row,
    "cell": _end_cell,
    "row": _end_row,
    "nestcell": _end_inner_cell,
    "nestrow": _end_inner_row,
}
