"""What a run of the indexer came to."""

from __future__ import annotations

from dataclasses import dataclass

from clinsearch.display import Shown


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or one record of it, that could not be used; `reason` holds no text of a note.

    kind: by what such cases are counted, as `no_text`, `rtf`, `date`.
    """

    source: str
    reason: str
    record: int | None = None
    kind: str = "malformed"


@dataclass(frozen=True, slots=True)
class IndexReport(Shown):
    """What bringing a collection in step with its files came to, in notes but for the sentences encoded.

    `missing` counts notes whose file or record is gone and that are still in the collection. `failures` were left
    out; `doubts` are of notes that were kept without a date or field that could not be read; `passed_over` are the
    files of other formats, of which none was opened, and the folders that were not walked: of the kind `link` those
    that are links, of the kind `collection` those that clinsearch keeps. without_sentence: the ids of new and changed
    notes that hold no word, and so cannot be found; with_encoded_data: of those that hold data in base64 or
    hexadecimal, which is left out of what is searched. `repeated` counts notes that were met again, with the same id
    and content.
    """

    new: int
    changed: int
    renamed: int
    unchanged: int
    deleted: int
    missing: int
    sentences_encoded: int
    seconds: float
    failures: tuple[Failure, ...]
    doubts: tuple[Failure, ...] = ()
    passed_over: tuple[Failure, ...] = ()
    without_sentence: tuple[str, ...] = ()
    with_encoded_data: tuple[str, ...] = ()
    repeated: int = 0
