"""Reads JSON so that every object remembers the line it begins on.

The compiler's complaints name a file and a line; Python's json keeps neither.
"""

import json
from json import decoder, scanner


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
        self.parse_object = self._parse_object
        self.scan_once = scanner.py_make_scanner(self)

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


def read(path):
    """The document in `path`. Raises Complaint when it is not one JSON object."""
    text = path.read_text(encoding="utf-8")
    try:
        document, twice = _LineDecoder(text).read()
    except json.JSONDecodeError as error:
        raise Complaint(path, error.lineno, f"not JSON: {error.msg}") from error
    if not isinstance(document, Node):
        raise Complaint(path, 1, "the file must hold one JSON object")
    for line, key in twice:
        raise Complaint(path, line, f'key "{key}" stands twice in one object')
    return document
