"""From windows back to texts: which of a window's rows count for its text, and a long text's states put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.pooling import Pooling
from clinsearch.encoder.windows import Window
from clinsearch.records import FloatArray


@dataclass(frozen=True, slots=True)
class Frame:
    """How many special tokens the tokenizer puts before and after what goes through the model."""

    before: int
    after: int

    def width(self, window: Window) -> int:
        """Return how many rows a window has."""
        return window.end - window.start + self.before + self.after

    def rows(self, tokens: Sequence[int], width: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tell of the rows of texts with so many tokens which are of the frame, and which are of either: not padding.

        (len(tokens), width) each.
        """
        ends = self.before + np.array(tokens)[:, None]
        rows = np.arange(width)
        is_token = rows < ends + self.after
        return is_token & ((rows < self.before) | (rows >= ends)), is_token

    def own_rows(self, windows: Sequence[Window], width: int) -> NDArray[np.bool_]:
        """Tell which rows windows answer for, (len(windows), width): the first for the frame before its text too."""
        starts = [0 if window.is_first else self.before + window.own_start - window.start for window in windows]
        ends = [
            self.width(window) if window.is_last else self.before + window.own_end - window.start for window in windows
        ]
        rows = np.arange(width)
        return (rows >= np.array(starts)[:, None]) & (rows < np.array(ends)[:, None])


def part_of(window: Window, tokens: int) -> float:
    """Return how large a part of a text of so many tokens a window answers for."""
    return (window.own_end - window.own_start) / tokens if tokens else 1.0


class Stitched:
    """The states of a text that goes through in windows, (1, rows, hidden_size) a layer, window by window.

    The first window answers for the frame before the text, the last for that after it; where pooling rests on the
    first row alone (`cls`), that is the windows' mean by the tokens they own.
    """

    def __init__(self, frame: Frame, tokens: int, shape: tuple[int, int], pooling: Pooling) -> None:
        """Make room for a text of so many tokens. shape: the number of layers, and hidden_size."""
        layers, hidden_size = shape
        self._frame, self._tokens, self._pooling = frame, tokens, pooling
        rows = frame.before + tokens + frame.after
        self.layers = [np.zeros((1, rows, hidden_size), np.float32) for _ in range(layers)]

    def add(self, window: Window, states: Sequence[FloatArray]) -> None:
        """Put a window's states, (rows, hidden_size) a layer, in their place."""
        before, after = self._frame.before, self._frame.after
        own = slice(before + window.own_start, before + window.own_end)
        for whole, of_window in zip(self.layers, states, strict=True):
            whole[0, own] = of_window[own.start - window.start : own.stop - window.start]
            if self._pooling == "cls":
                whole[0, 0] += of_window[0] * part_of(window, self._tokens)
            elif window.is_first:
                whole[0, :before] = of_window[:before]
            if window.is_last and after:
                end = self._frame.width(window)
                whole[0, -after:] = of_window[end - after : end]
