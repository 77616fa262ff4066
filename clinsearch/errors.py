"""Every error that clinsearch raises on purpose.

ClinsearchError
├── SettingError            an option, a variable or a file of settings has no usable value
├── InputError              what was handed in cannot be used: a path, a query, a format
├── NotEnoughMemory         the process may not take as much memory as this needs
├── AuditError              the audit trail cannot be kept, or is not as it was written
├── ModelError              a model cannot be found, loaded or used
│   └── ModelMismatch       the collection belongs to another encoder
└── CollectionError         the collection cannot be used
    ├── CollectionNotFound  there is none at that place
    ├── CollectionBusy      another process is writing to it
    ├── CollectionUnfinished  a copy of another, not all of it there yet
    ├── CollectionVersion   another version of the program made it
    ├── CollectionDamaged   a part of it is missing or not as it was written
    ├── NoteNotFound        no such note in it
    ├── HitNotFound         no such hit of the last search in it
    └── SearchNotFound      no search of that name is saved in it

A message says what happened, to which thing, and what to do about it. It never holds text of a note
or a query: notes are patient data, and messages end up in logs.
"""


class ClinsearchError(Exception):
    """Any error that clinsearch raises on purpose; its message is fit to be shown as it is."""


class SettingError(ClinsearchError):
    """An option, a variable or a file of settings has no usable value."""


class InputError(ClinsearchError):
    """What was handed in cannot be used."""


class NotEnoughMemory(ClinsearchError, MemoryError):
    """The process may not take as much memory as is needed."""


class AuditError(ClinsearchError):
    """The audit trail cannot be kept, so that nothing may be shown, or is not as it was written."""


class ModelError(ClinsearchError):
    """A model cannot be found, loaded or used."""


class ModelMismatch(ModelError):
    """The collection belongs to another encoder."""


class CollectionError(ClinsearchError):
    """The collection cannot be used."""


class CollectionNotFound(CollectionError):
    """There is no collection at that place."""


class CollectionBusy(CollectionError):
    """Another process is writing to the collection."""


class CollectionAway(CollectionError):
    """The server that keeps the collection does not answer; it, or its replica, may in a moment."""


class CollectionUnfinished(CollectionError):
    """The collection is a copy of another of which not all is there yet."""


class CollectionVersion(CollectionError):
    """Another version of the program made the collection."""


class CollectionDamaged(CollectionError):
    """A part of the collection is missing or not as it was written."""


class NoteNotFound(CollectionError):
    """The collection holds no such note."""


class HitNotFound(CollectionError):
    """The last search has no such hit, or the collection not any more."""


class SearchNotFound(CollectionError):
    """The collection has no saved search of that name."""


class Stopped(KeyboardInterrupt):
    """Ctrl-C where nothing of a command's result is kept; its message is fit to be shown as it is."""
