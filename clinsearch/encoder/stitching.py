"""From windows back to texts: which rows a window owns, and a long text's states stitched together."""

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
    """How many special tokens the tokenizer puts before and after a text."""

    before: int
    after: int

    def width(self, window: Window) -> int:
        """Return how many rows a window has."""
        return window.end - window.start + self.before + self.after

    def rows(self, tokens: Sequence[int], width: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which rows of texts with these numbers of tokens are of the frame, and which are not padding.

        (len(tokens), width) each.
        """
        ends = self.before + np.array(tokens)[:, None]
        rows = np.arange(width)
        is_token = rows < ends + self.after
        return is_token & ((rows < self.before) | (rows >= ends)), is_token

    def own_rows(self, windows: Sequence[Window], width: int) -> NDArray[np.bool_]:
        """Return which rows windows own, (len(windows), width); a text's first owns the frame before it, too."""
        starts = [0 if window.is_first else self.before + window.own_start - window.start for window in windows]
        ends = [
            self.width(window) if window.is_last else self.before + window.own_end - window.start for window in windows
        ]
        rows = np.arange(width)
        return (rows >= np.array(starts)[:, None]) & (rows < np.array(ends)[:, None])


def part_of(window: Window, tokens: int) -> float:
    """Return the share that a window owns of a text with this number of tokens."""
    return (window.own_end - window.own_start) / tokens if tokens else 1.0


class Stitched:
    """The states of a text that goes through in windows, (1, rows, hidden_size) per layer, added window by window.

    The first window owns the frame before the text, the last the frame after it. If pooling uses only the first row
    (`cls`), that row is the windows' mean, weighted by the tokens they own.
    """

    def __init__(self, frame: Frame, tokens: int, shape: tuple[int, int], pooling: Pooling) -> None:
        """Make room for a text with this number of tokens. shape: the number of layers, and hidden_size."""
        layers, hidden_size = shape
        self._frame, self._tokens, self._pooling = frame, tokens, pooling
        rows = frame.before + tokens + frame.after
        self.layers = [np.zeros((1, rows, hidden_size), np.float32) for _ in range(layers)]

    def add(self, window: Window, states: Sequence[FloatArray]) -> None:
        """Put a window's states, (rows, hidden_size) per layer, in their place."""
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
