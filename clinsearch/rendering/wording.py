"""What every form shows alike: numbers, whether a section has to be named, and what a residual is too small to say."""

from __future__ import annotations

# What adding float32 numbers up leaves over; its exact size says nothing.
ROUNDING = 1e-6

# By their codes in ISO 639-1.
_LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "it": "Italian",
    "ja": "Japanese", "ka": "Georgian", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "ta": "Tamil", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def language_name(code: str) -> str:
    """Return the English name of a language."""
    return _LANGUAGES.get(code, "another language than English")


def is_headed(section: str, sentence: str) -> bool:
    """Tell whether a sentence begins with the heading of its section."""
    # How notes are divided takes a while to import, and a page without a sentence does without.
    from clinsearch.language.segmentation import heading_name

    label = sentence.partition(":")[0]
    return section in (heading_name(label), label.lower()) or sentence.lower().startswith(section)


def number(value: float, digits: int = 4) -> str:
    """Write a number with a true minus sign; a zero has none."""
    written = f"{value:.{digits}f}"
    return written.lstrip("-") if float(written) == 0 else written.replace("-", "\u2212")


def signed(value: float, digits: int) -> str:
    """Write a number with its sign; a zero has none."""
    written = number(value, digits)
    return f"+{written}" if float(f"{value:.{digits}f}") > 0 else written
