"""Strings that must never be readable where nobody holds the keys, and the search for them: raw,
UTF-16, base64 at every alignment, hexadecimal, and inside whatever inflates."""

import base64
import re
import secrets
import sqlite3
import zlib
from pathlib import Path


def make(count):
    """Canaries that cannot occur by chance and survive any case or script folding: letters only."""
    letters = "bcdfghklmnprstvz"
    return ["canarycanary" + "".join(secrets.choice(letters) for _ in range(14)) for _ in range(count)]


def shapes(canary):
    raw = canary.encode()
    yield "raw", raw
    yield "utf-16", canary.encode("utf-16-le")
    yield "utf-16be", canary.encode("utf-16-be")
    yield "hex", raw.hex().encode()
    for shift in range(3):  # The inner part of base64 does not depend on what surrounds it.
        coded = base64.b64encode(b"\0" * shift + raw)
        yield "base64", coded[4 if shift else 0:-4]
        yield "base64url", base64.urlsafe_b64encode(b"\0" * shift + raw)[4 if shift else 0:-4]


def inflated(data):
    """Everything in `data` that opens as zstd, gzip or zlib."""
    for found in re.finditer(re.escape(b"\x28\xb5\x2f\xfd"), data):
        plain = _zstd(data[found.start():])
        if plain:
            yield plain
    for found in re.finditer(b"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", data):
        for bits in (31, 15):
            try:
                plain = zlib.decompressobj(bits).decompress(data[found.start():], 1 << 24)
            except zlib.error:
                continue
            if plain:
                yield plain


def _zstd(data):
    import ctypes
    import ctypes.util
    library = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    library.ZSTD_findFrameCompressedSize.restype = ctypes.c_size_t
    library.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
    library.ZSTD_decompress.restype = ctypes.c_size_t
    length = library.ZSTD_findFrameCompressedSize(data, ctypes.c_size_t(len(data)))
    size = library.ZSTD_getFrameContentSize(data, ctypes.c_size_t(len(data)))
    if library.ZSTD_isError(ctypes.c_size_t(length)) or size > 1 << 28:
        return None
    out = ctypes.create_string_buffer(size or 1)
    done = library.ZSTD_decompress(out, ctypes.c_size_t(size), data[:length], ctypes.c_size_t(length))
    return None if library.ZSTD_isError(ctypes.c_size_t(done)) else out.raw[:done]


def rows(path):
    """Every value of every row, when `path` is a database: large values lie scattered over pages."""
    if not path.read_bytes()[:16].startswith(b"SQLite format 3"):
        return
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        database.text_factory = bytes
        for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in database.execute(f'select * from "{table.decode()}"'):
                yield from (value for value in row if isinstance(value, bytes))


def contents(path):
    """(where, bytes) of everything a file holds, opened as far as anybody can without a key."""
    data = path.read_bytes()
    yield "", data
    yield from (("inflated ", plain) for plain in inflated(data))
    for value in rows(path):
        yield from (("inflated row ", plain) for plain in inflated(value))


def search(folders, canaries):
    """(canary, shape, file) for every hit in the files below `folders`; and the bytes searched.

    Each content is looked through once for what the shapes begin with, which canaries that were made
    share, and only what is found is held against every canary."""
    starts = {needle[:8] for canary in canaries for _, needle in shapes(canary)}
    begins = re.compile(b"|".join(re.escape(start) for start in sorted(starts)), re.DOTALL)
    hits, searched = [], 0
    for folder in folders:
        paths = [Path(folder)] if Path(folder).is_file() else [p for p in Path(folder).rglob("*") if p.is_file()]
        for path in paths:
            for where, content in contents(path):
                searched += len(content)
                if begins.search(content):
                    hits += [(canary, where + shape, str(path)) for canary in canaries
                             for shape, needle in shapes(canary) if needle in content]
    return hits, searched
