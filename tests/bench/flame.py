"""Stacks as `perf script` prints them, folded and drawn: a flame graph as one SVG file.

A bar is a function, as wide as its share of the samples; below it stands who called it. Colours tell
parts of the program apart, so that one sees at a glance where the time goes.
"""

import re
from html import escape

WIDTH, ROW, TEXT = 1200, 17, 11
SHARE_MIN = 0.0008  # A bar narrower than a pixel is left out.
COLOURS = (  # First match gives the colour; by what a stack frame is called.
    (r"sqlite", "#e0b060"), (r"^\[kernel\]|^entry_|sys_|^do_|vfs|ext4|fsync|tcp", "#b0b0b0"),
    (r"libcrypto|libssl|SSL_|SHA|EVP", "#90b8e0"), (r"sodium|crypto_|libsodium|ge25519|fe25519", "#a0a0e8"),
    (r"ZSTD|zstd", "#d0a0d8"), (r"merge|RecordState|FieldState", "#e08878"), (r"^godwit", "#e8a080"),
    (r"malloc|free|operator new|operator delete|memcpy|memmove|memset", "#a8d090"))
OTHER = "#d8d0b8"


def plain(symbol, library):
    """A function's name without parameters and template arguments; a nameless one is its library's."""
    if symbol.startswith("[unknown]"):
        return f"[{library.rsplit('/', 1)[-1].split('.so')[0]}]"
    name = symbol.replace("(anonymous namespace)::", "").replace("operator()", "lambda").replace("[clone .", "[")
    while True:
        shorter = re.sub(r"<[^<>]*>", "", name)
        if shorter == name:
            break
        name = shorter
    name = name.split("(")[0].strip()
    return name.split(" ")[-1] if " " in name and "operator" not in name else name


def fold(script, keep=lambda _: True):
    """`perf script`'s text as {stack from the outermost function inwards: samples}."""
    stacks = {}
    for sample in script.split("\n\n"):
        lines = sample.strip("\n").split("\n")
        frames = []
        for line in lines[1:]:
            match = re.match(r"\s+[0-9a-f]+ (.*) \((.*?)\)$", line)
            if not match:
                continue
            symbol = re.sub(r"\+0x[0-9a-f]+$", "", match.group(1))
            library = match.group(2)
            frames.append("[kernel] " + symbol if library == "[kernel.kallsyms]" else plain(symbol, library))
        if frames and keep(frames):
            # A run of nameless functions of one library is one.
            stack = tuple(name for at, name in enumerate(frames) if at == 0 or name != frames[at - 1])[::-1]
            stacks[stack] = stacks.get(stack, 0) + 1
    return stacks


def tree(stacks):
    root = {"name": "all", "samples": 0, "below": {}}
    for stack, samples in stacks.items():
        node = root
        node["samples"] += samples
        for name in stack:
            node = node["below"].setdefault(name, {"name": name, "samples": 0, "below": {}})
            node["samples"] += samples
    return root


def self_time(stacks):
    out = {}
    for stack, samples in stacks.items():
        out[stack[-1]] = out.get(stack[-1], 0) + samples
    return sorted(out.items(), key=lambda item: -item[1])


def with_callees(stacks):
    out = {}
    for stack, samples in stacks.items():
        for name in set(stack):
            out[name] = out.get(name, 0) + samples
    return sorted(out.items(), key=lambda item: -item[1])


def colour(name):
    return next((colour for pattern, colour in COLOURS if re.search(pattern, name)), OTHER)


def draw(stacks, title):
    root = tree(stacks)
    whole = root["samples"]
    bars, depth = [], 0

    def place(node, left, level):
        nonlocal depth
        depth = max(depth, level)
        bars.append((node["name"], left, node["samples"], level))
        for below in sorted(node["below"].values(), key=lambda each: each["name"]):
            if below["samples"] >= whole * SHARE_MIN:
                place(below, left, level + 1)
            left += below["samples"]

    place(root, 0, 0)
    height = (depth + 1) * ROW + 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
           f'font-family="sans-serif" font-size="{TEXT}">',
           f'<rect width="{WIDTH}" height="{height}" fill="#fffdf8"/>',
           f'<text x="8" y="20" font-size="15">{escape(title)}</text>']
    for name, left, samples, level in bars:
        x, wide = left * WIDTH / whole, samples * WIDTH / whole
        y = height - (level + 1) * ROW - 6
        room = int(wide / (TEXT * 0.56)) - 1
        text = name if len(name) <= room else name[:room - 1] + "…" if room > 3 else ""
        out.append(f'<g><title>{escape(name)}: {samples / whole:.1%}</title>'
                   f'<rect x="{x:.1f}" y="{y}" width="{max(wide - 0.4, 0.3):.1f}" height="{ROW - 1}" '
                   f'fill="{colour(name)}"/>'
                   + (f'<text x="{x + 3:.1f}" y="{y + 12}">{escape(text)}</text>' if text else "") + "</g>")
    return "\n".join(out) + "\n</svg>\n"
