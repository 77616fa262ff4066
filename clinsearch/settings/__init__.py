"""What holds where the caller does not say: places, and the files in which a user or a project settles options."""

from clinsearch.settings.files import SettingsFile, project_files, read_settings, user_file
from clinsearch.settings.places import (
    CACHE_VARIABLE,
    COLLECTION_VARIABLE,
    DEFAULT_COLLECTION,
    OTHER_VARIABLES,
    TERMS_VARIABLE,
    cache_folder,
    collection_location,
    terms_file,
)
from clinsearch.settings.values import Origin, SearchedFile, Setting

__all__ = [
    "CACHE_VARIABLE",
    "COLLECTION_VARIABLE",
    "DEFAULT_COLLECTION",
    "OTHER_VARIABLES",
    "TERMS_VARIABLE",
    "Origin",
    "SearchedFile",
    "Setting",
    "SettingsFile",
    "cache_folder",
    "collection_location",
    "project_files",
    "read_settings",
    "terms_file",
    "user_file",
]
