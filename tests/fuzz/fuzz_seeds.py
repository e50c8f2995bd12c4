"""What fuzzing starts from: the known answers of shared/spec, given as each target reads its input."""

import json
import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = ROOT / "shared/spec/known-answers"


def answers(name):
    return json.loads((ANSWERS / f"{name}.json").read_text())


def every(node, key):
    """Every text under `key`, wherever it stands in `node`, as bytes."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key and isinstance(value, str):
                yield bytes.fromhex(value)
            else:
                yield from every(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from every(value, key)


def head(major, number):
    for info, (bound, form) in enumerate(((1 << 8, ">B"), (1 << 16, ">H"), (1 << 32, ">I"), (1 << 64, ">Q"))):
        if number < 24:
            return bytes([major << 5 | number])
        if number < bound:
            return bytes([major << 5 | 24 + info]) + struct.pack(form, number)
    raise ValueError(number)


def cbor(value):
    """Bytes, texts, whole numbers, lists, None and booleans as one item; Raw as it is."""
    if isinstance(value, Raw):
        return value.item
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(key) + cbor(each) for key, each in value.items())
    return head(4, len(value)) + b"".join(cbor(each) for each in value)


class Raw:
    def __init__(self, item):
        self.item = item


def bodies():
    return list(every(answers("change"), "body"))


def states():
    return list(every(answers("state"), "state")) + list(every(answers("state"), "merged"))


def statements():
    return [bytes.fromhex(each["statement"]) for each in answers("roster")["statements"]]


def messages(kind):
    data = answers("messages")
    return [bytes.fromhex(each["bytes"]) for each in data["messages"] if each["name"].startswith(kind)] + [
        bytes.fromhex(each["bytes"]) for each in data["refused"] if each["kind"].startswith(kind)]


def state_seeds():
    for state in states():
        yield state
    for pair in answers("state")["merges"]:
        left, right = bytes.fromhex(pair["left"]), bytes.fromhex(pair["right"])
        yield struct.pack(">H", len(left)) + left + right


def segment_seeds():
    yield from every(answers("segment"), "segment")
    yield from bodies()
    for first in (0, 2 ** 53, 2 ** 63 - 1, 2 ** 64 - 1):
        yield cbor([1, bytes(16), bytes(16), first, bytes(32), [b"a change"], bytes(64)])
    yield cbor([1, bytes(16), bytes(16), 1, bytes(32), [b""] * 5000, bytes(64)])


def packed_segment_seeds():
    for segment in every(answers("segment"), "segment"):
        yield b"\x00" + segment
    log = bytes(16) + bytes(16) + bytes(32) + bytes(64)
    heads, context, salt, record = cbor(1) + cbor(1) + cbor(2) + cbor(bytes(16)), b"\x80", bytes(16), bytes(16)
    once = [0, cbor(1) + cbor(1) + cbor(3) + cbor(0) + cbor(1), 2, cbor(5) + cbor(0), 3, heads, 4, context,
            5, cbor(17) + cbor(1) + cbor(0), 6, b"\xf6", 33, cbor("word")]
    for length in (200, 224, 229, 230, 231, 232, 233, 240, 260):
        yield b"\x01" + cbor([length, log + record + salt, cbor(once)])
    twice = [0, cbor(1) + cbor(4) + cbor(3) + cbor(0) + cbor(1) + cbor(2) + cbor(1) + cbor(1) + cbor(0) + cbor(1) + cbor(2),
             1, b"ab", 2, (cbor(5) + cbor(0)) * 2, 3, heads, 4, context * 2, 5, cbor(17) + cbor(1) + cbor(0) + cbor(16) + cbor(1) + cbor(1),
             6, b"\xf6\xf6", 7, cbor(3), 33, cbor("word")]
    for length in (300, 350, 360, 370, 380, 390):
        yield b"\x01" + cbor([length, log + record + salt + b"abc" + salt + bytes(48), cbor(twice)])


def small_message_seeds():
    for number, kind in enumerate(("refusal", "found", "statements")):
        for message in messages(kind):
            yield bytes([number]) + message
    for envelope in every(answers("sealing"), "envelope"):
        yield b"\x03" + envelope


def identity(number):
    return bytes([number]) * 16


def key(number):
    return bytes([number]) * 32


def said_by(signer, kind, body):
    """A statement whose place in its signer's chain, and in the organisation, the target finds."""
    return [3, cbor([1, bytes(16), signer, 1, bytes(32), kind, body, bytes(64)])]


def roster_story():
    """An organisation whose founder invites an administrator, who invites others and revokes; with
    what is refused on the way."""
    founder = bytes.fromhex("a068a7dd82e63cd5567f77d750b7668e")  # Of the founding among the known answers.
    worker, supervisor, administrator = 1, 2, 3
    hour, late = 1_700_000_000_000, 4_000_000_000_000
    nobody, team, other_team = bytes(16), identity(0x11), identity(0x12)

    def member(signer, number, places):
        return said_by(signer, 3, [identity(number), b"sealed", places, hour])

    def invitation(signer, number, of, places, expires=late):
        return said_by(signer, 4, [identity(number), key(number), identity(of), places, expires, hour])

    def enrolment(number, invited_by, box=None):
        return said_by(identity(number), 5, [identity(invited_by), [identity(number), key(number), box or key(number)],
                                             bytes(64), hour])

    def revocation(signer, of, manner):
        return said_by(signer, 6, [of, manner, hour])

    def reader_key(signer, epoch, holders, readers=2):
        grants = [[identity(each), bytes(80)] for each in holders]
        return said_by(signer, 7, [team, readers, epoch, key(0x77), grants, hour])

    def grant(signer, epoch, holders, readers=2):
        return said_by(signer, 8, [team, readers, epoch, [[identity(each), bytes(80)] for each in holders], hour])

    second, third, fourth = identity(0x31), identity(0x32), identity(0x33)
    rules = [[nobody, administrator]]
    begun = [[3, statements()[0]], said_by(founder, 2, [team, b"sealed", hour]), member(founder, 0x21, rules),
             invitation(founder, 0x41, 0x21, rules), enrolment(0x31, 0x41)]
    staffed = begun + [member(second, 0x22, [[team, supervisor]]), invitation(second, 0x42, 0x22, [[team, supervisor]]),
                       enrolment(0x32, 0x42), member(second, 0x23, [[team, worker]]),
                       invitation(second, 0x43, 0x23, [[team, worker]]), enrolment(0x33, 0x43)]
    yield staffed + [revocation(second, third, 2), revocation(second, fourth, 1)]
    # Made an administrator only later.
    raised = [[3, statements()[0]], said_by(founder, 2, [team, b"sealed", hour]), member(founder, 0x21, [[team, worker]]),
              invitation(founder, 0x41, 0x21, [[team, worker]]), enrolment(0x31, 0x41), member(founder, 0x21, rules)]
    yield raised + [member(second, 0x22, rules), invitation(second, 0x42, 0x22, rules), enrolment(0x32, 0x42),
                    revocation(third, second, 2)]
    # Refused: twice, too late, by whom nobody knows, of nothing that is there.
    yield begun + [invitation(founder, 0x41, 0x21, rules), enrolment(0x31, 0x41), enrolment(0x34, 0x41),
                   enrolment(0x34, 0x4F), invitation(founder, 0x44, 0x2F, rules),
                   invitation(founder, 0x44, 0x21, [[other_team, worker]]), revocation(founder, identity(0x3F), 2),
                   member(identity(0x3F), 0x24, rules)]
    yield begun + [invitation(second, 0x44, 0x21, rules), invitation(second, 0x45, 0x21, rules, hour),
                   [7, enrolment(0x35, 0x45)[1]], enrolment(0x36, 0x44, bytes(32)), revocation(founder, second, 2),
                   enrolment(0x34, 0x44), member(second, 0x24, rules)]
    yield staffed + [[1, member(founder, 0x25, rules)[1]], [2, member(founder, 0x25, rules)[1]],
                     member(fourth, 0x25, rules), revocation(fourth, third, 2)]
    # Keys of readers.
    yield staffed + [reader_key(third, 1, [0x32, 0x33]), grant(third, 1, [0x33]), reader_key(third, 3, [0x32]),
                     reader_key(third, 2, [0x33]), reader_key(third, 2, [0x32, 0x3F]), grant(second, 1, [0x33]),
                     grant(third, 9, [0x33]), reader_key(third, 1, [0x32, 0x33], 3), reader_key(third, 1, [0x32], 3),
                     grant(third, 1, [0x33], 3), reader_key(fourth, 2, [0x33]), reader_key(third, 2, [0x32])]


def roster_seeds():
    told = statements()
    for story in roster_story():
        for end in range(6, len(story) + 1):
            yield cbor(story[:end])
    for how in (0, 3, 4, 7):
        yield cbor([[how, each] for each in told])
    for end in range(1, len(told)):
        yield cbor([[3, each] for each in told[:end]])
        yield cbor([[3, each] for each in told[:end] + told[end + 1:]])


def row_seeds():
    ids = [bytes([number]) * 16 for number in range(8)]
    times = [1_800_000_000_000, 3]
    yield b"\x00" + cbor([1, ids[1], ids[2], ids[3], bytes(32), bytes(32), bytes(64), bytes(32), bytes(32),
                          None, "https://192.0.2.7:8443", None])
    yield b"\x00" + cbor([1, ids[1], ids[2], ids[3], bytes(32), bytes(32), bytes(64), bytes(32), bytes(32),
                          [bytes(32), bytes(64)], "https://192.0.2.7:8443", bytes(32)])
    for contact in (None, 1_800_000_000_000):
        state = [ids[1], [ids[2], 5, ids[3], 6], [ids[2], 9], 7, 8, bytes(24), 4, 3, contact, -12, 1, False]
        former = [ids[4], [5, bytes(32)], contact and 4, 3, True, ids[5], [6, bytes(32)], 6, 6, False]
        for more in ([], [[ids[2], 1]], [[], former]):
            yield b"\x01" + cbor(state + more)
    yield b"\x02" + cbor([4, bytes(32)] + times)
    yield b"\x03" + cbor([bytes(32), b"body"])
    key = next(every(answers("sealing"), "statement"))
    wraps = next(every(answers("sealing"), "wraps"))[17:]  # Without the record they are of.
    for state in states()[:12]:
        yield b"\x04" + cbor([state, None, None, b"", []])
        yield b"\x04" + cbor([state, states()[0], key, wraps, [ids[1], ids[2]]])
    yield b"\x04" + cbor([2, b"\x00" + states()[0], None, None, b"", [ids[1]], b"who erased it"])
    dot = [ids[4], 7]
    yield b"\x05" + cbor([[dot, ids[1]] + times + times + [17, 1, 0, b"\x61a"]])
    for adopted in (None, dot):
        yield b"\x06" + cbor([3, dot, ids[1], ids[2], ids[3], 42, "site_type", b"body", adopted])
    yield b"\x07" + cbor([b"one", b"two"])


def value_seeds():
    types = {path.stem for path in (ROOT / "shared/records").glob("*.json")}
    common = json.loads((ROOT / "shared/records/common.json").read_text())["fields"]
    for value in answers("values")["values"]:
        record_type = json.loads((ROOT / f"shared/records/{value['type'] if value['type'] in types else 'visit'}.json").read_text())
        for field in common + record_type["fields"]:
            if field["name"] == value["field"]:
                yield struct.pack(">BH", record_type["number"], field["number"]) + bytes.fromhex(value["item"])


def json_seeds():
    yield from (b'{"a": [1, -2, 3.5e3, true, false, null, "\\u00e9\\n"]}', b'{"a":1,"a":2}', b"[" * 64 + b"]" * 64,
                b"[" * 65 + b"]" * 65, b'"\\ud800"', b"nul", b"", b" 1 ", b'{"a":"[{"}', b'"\\"[[["')


def call_seeds():
    calls = [("status", {}), ("types", {}), ("types", {"type": "visit"}), ("vocabulary", {"name": "gender"}), ("capture", {"type": "visit", "fields": {}}),
             ("list", {}), ("show", {"record": "00"}), ("lock", {}), ("unlock", {"phrase": "bade fimo"}), ("enrol", {"invitation": "godwit-invite:AA"}),
             ("nothing", {}), ("sync", {})]
    for method, parameters in calls:
        yield b"\x00" + json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    yield b"\x00" + json.dumps([{"jsonrpc": "2.0", "id": "a", "method": "status"}, {"jsonrpc": "2.0", "method": "types"}, 1]).encode()
    yield from (b"\x00" + text for text in (b"[]", b"{}", b"no", b'{"jsonrpc":"2.0","id":[],"method":1}', b'{"jsonrpc":"2.0","id":1,"method":"status","params":[]}'))
    yield from value_seeds()
    for number in range(1, 6):
        for field in range(1, 60):
            yield struct.pack(">BH", number, field) + cbor({0: "a", 1: {"b": [1, None, True]}, 99: b"x", 1000: []})


def backup_seeds():
    yield b"\x01"
    yield b"\x00SQLite format 3\x00" + bytes(200)
    for place, value in ((0, 0), (18, 1), (24, 9), (28, 1), (40, 1), (60, 7), (68, 1), (100, 5), (4096, 0), (4200, 255), (9000, 255), (20000, 3)):
        yield b"\x01" + place.to_bytes(3, "big") + bytes([value])


def http_request_seeds():
    post = b"POST /v1/exchange HTTP/1.1\r\nHost: 192.0.2.7:8443\r\nContent-Type: application/cbor\r\nContent-Length: %d\r\n%s\r\n%s"
    get = b"GET /v1/health HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n%s\r\n"
    yield post % (4, b"", b"body")
    yield post % (4, b"", b"body") + get % b""
    yield post % (0, b"Connection: keep-alive, Close\r\n", b"")
    for line in (b"Connection: close\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n",
                 b"Expect: 100-continue\r\n", b"Upgrade: h2c\r\n", b"X-Long: a b\tc\r\n", b" folded\r\n", b"a\r\n",
                 b"Host: twice\r\n", b"Content-Length: 12345678901\r\n", b"Content-Length: 01\r\n",
                 b"Content-Type: text/html\r\n", b"X: \x80\r\n", b"".join(b"X%d: 1\r\n" % n for n in range(9))):
        yield get % line
        yield post % (1, line, b"x")
    for start in (b"PUT /v1/health HTTP/1.1", b"GET /v1/health HTTP/1.0", b"GET /v1/exchange HTTP/1.1", b"GET /v2 HTTP/1.1",
                  b"GET https://a/ HTTP/1.1", b"GET /v1/health?a HTTP/1.1", b"GET", b"GET  HTTP/1.1"):
        yield start + b"\r\nHost: a\r\n\r\n"
    yield b"POST /v1/exchange HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n"
    yield b"G" * 600


def http_answer_seeds():
    for status in (b"200 OK", b"403 Refused", b"200", b"20", b"099 No", b"2000 OK"):
        for line in (b"", b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"Transfer-Encoding: chunked\r\n",
                     b"Content-Length: 5\r\n", b": nameless\r\n", b"none\r\n", b"X:  spaced\t \r\n"):
            yield b"HTTP/1.1 " + status + b"\r\nContent-Type: application/cbor\r\nContent-Length: 12\r\n" + line + b"\r\n"
    yield b"HTTP/1.0 200 OK\r\n\r\n"
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
    yield b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"


def text_seeds():
    data = answers("text")
    for form in ("hex", "base64url"):
        for each in data[form]["accepted"]:
            yield each["text"].encode()
        for each in data[form]["refused"]:
            yield each.encode()
    for each in data["utf8"]["accepted"] + data["utf8"]["refused"]:
        yield bytes.fromhex(each)


def seeds_of(target):
    """The inputs `target` starts from."""
    given = {
        "cbor": lambda: every(answers("cbor"), "hex"),
        "change": bodies,
        "segment": segment_seeds,
        "value": value_seeds,
        "state": state_seeds,
        "request": lambda: messages("request"),
        "answer": lambda: messages("answer"),
        "small_messages": small_message_seeds,
        "packed_segment": packed_segment_seeds,
        "frame": lambda: every(answers("messages"), "frame"),
        "statement": statements,
        "roster": roster_seeds,
        "invitation": lambda: [each["text"].encode() for part in ("founding", "invitations")
                               for each in answers("invitation")[part]],
        "receipt": lambda: list(every(answers("receipt"), "receipt")) + list(every(answers("receipt"), "mark")),
        "record_key": lambda: [each for key in ("statement", "batch", "wraps", "sealed") for each in every(answers("sealing"), key)],
        "slot": lambda: every(answers("sealing"), "slot"),
        "http_request": http_request_seeds,
        "http_answer": http_answer_seeds,
        "text": text_seeds,
        "json": json_seeds,
        "call": call_seeds,
        "backup": backup_seeds,
        "rows": row_seeds,
    }
    return list(given[target]()) if target in given else []
