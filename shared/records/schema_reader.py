"""Reads JSON so that every object remembers the line it begins on.

The compiler's complaints name a file and a line; Python's json keeps neither.
"""

import json
import re
from json import decoder, scanner

# Deeper than any record type goes, and far from where Python gives up.
LEVELS_MAX = 32
# More digits than a number here may have; Python itself refuses some thousands.
DIGITS_MAX = 30
HALF_LETTER = re.compile("[\ud800-\udfff]")


class Node(dict):
    """A JSON object with the line on which it opens, counted from 1."""

    line = 1


class Complaint(Exception):
    """What is wrong with one place of one file."""

    def __init__(self, path, line, text):
        super().__init__(f"{path}:{line}: {text}")


class _LineDecoder(json.JSONDecoder):
    """The pure-Python scanner, because the C one does not tell where an object begins."""

    def __init__(self, text):
        super().__init__(strict=True)
        self._text = text
        self._twice = []
        self._levels = 0
        self.parse_object = self._level_of(self._parse_object)
        self.parse_array = self._level_of(decoder.JSONArray)
        self.parse_string = self._parse_string
        # What is no number anybody could mean is no whole number either.
        self.parse_int = lambda digits: int(digits) if len(digits) <= DIGITS_MAX else float("inf")
        self.scan_once = scanner.py_make_scanner(self)

    def _level_of(self, parse):
        def parse_level(text_and_end, *rest):
            self._levels += 1
            if self._levels > LEVELS_MAX:
                raise json.JSONDecodeError("nested too deep", *text_and_end)
            parsed = parse(text_and_end, *rest)
            self._levels -= 1
            return parsed

        return parse_level

    def _parse_string(self, text, begin, strict):
        value, end = decoder.scanstring(text, begin, strict)
        if HALF_LETTER.search(value):
            raise json.JSONDecodeError("half a letter", text, begin)
        return value, end

    def _parse_object(self, text_and_end, strict, scan_once, object_hook, object_pairs_hook, memo):
        line = self._text.count("\n", 0, text_and_end[1]) + 1

        def keep(pairs):
            node = Node(pairs)
            node.line = line
            if len(node) != len(pairs):
                self._twice.append((line, _first_repeated(pairs)))
            return node

        return decoder.JSONObject(text_and_end, strict, scan_once, None, keep, memo)

    def read(self):
        """The document and the (line, key) of every key said twice."""
        return self.decode(self._text), self._twice


def _first_repeated(pairs):
    seen = set()
    for key, _ in pairs:
        if key in seen:
            return key
        seen.add(key)
    return ""


def read_text(path):
    """The text of `path`. Raises Complaint when it is not UTF-8."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Complaint(path, line, "not UTF-8") from error


def read(path):
    """The document in `path`. Raises Complaint when it is not one JSON object."""
    text = read_text(path)
    try:
        document, twice = _LineDecoder(text).read()
    except json.JSONDecodeError as error:
        raise Complaint(path, error.lineno, f"not JSON: {error.msg}") from error
    if not isinstance(document, Node):
        raise Complaint(path, 1, "the file must hold one JSON object")
    for line, key in twice:
        raise Complaint(path, line, f'key "{key}" stands twice in one object')
    return document
