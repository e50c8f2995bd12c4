#!/usr/bin/env python3
"""Writes the known answers of sealing, roster, invitations and receipts.

A second implementation of the formats in shared/spec/sealing.md and the headers of shared/seal,
sharing no code with the first: what it writes, the C++ must write, and what it seals, the C++ must
open. Every run writes the same bytes. Needs Python's `cryptography`, 44 or newer; the tests need
only the files.

    python3 tests/unit/seal/known_answers.py
"""

import base64
import hashlib
import json
import pathlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.poly1305 import Poly1305

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "shared/spec/known-answers"
NOW_MS = 1_800_000_000_000


def chance(label, count):
    return hashlib.shake_256(label.encode()).digest(count)


# Deterministic CBOR.


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | code]) + number.to_bytes(size, "big")
    raise ValueError(number)


def cbor(item):
    if item is None:
        return b"\xf6"
    if isinstance(item, int):
        return head(0, item) if item >= 0 else head(1, -1 - item)
    if isinstance(item, bytes):
        return head(2, len(item)) + item
    if isinstance(item, str):
        return head(3, len(item.encode())) + item.encode()
    return head(4, len(item)) + b"".join(cbor(part) for part in item)


# Ciphers.


def rotated(word, count):
    return (word << count | word >> (32 - count)) & 0xFFFFFFFF


def words(data):
    return list(struct.unpack("<%dI" % (len(data) // 4), data))


SIGMA = words(b"expand 32-byte k")


def hchacha20(key, nonce):
    state = SIGMA + words(key) + words(nonce)

    def quarter(a, b, c, d):
        steps = ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7))
        for first, second, third, count in steps:
            state[first] = (state[first] + state[second]) & 0xFFFFFFFF
            state[third] = rotated(state[third] ^ state[first], count)

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for column in range(4):
            quarter(column, (column + 1) % 4 + 4, (column + 2) % 4 + 8, (column + 3) % 4 + 12)
    return struct.pack("<8I", *state[:4], *state[12:])


def xchacha_seal(key, nonce, message, associated):
    inner = ChaCha20Poly1305(hchacha20(key, nonce[:16]))
    return nonce + inner.encrypt(b"\0\0\0\0" + nonce[16:], message, associated)


def salsa20_rounds(key, input_):
    k = words(key)
    state = [SIGMA[0], *k[:4], SIGMA[1], *words(input_), SIGMA[2], *k[4:], SIGMA[3]]
    start = list(state)

    def quarter(a, b, c, d):
        state[b] ^= rotated((state[a] + state[d]) & 0xFFFFFFFF, 7)
        state[c] ^= rotated((state[b] + state[a]) & 0xFFFFFFFF, 9)
        state[d] ^= rotated((state[c] + state[b]) & 0xFFFFFFFF, 13)
        state[a] ^= rotated((state[d] + state[c]) & 0xFFFFFFFF, 18)

    for _ in range(10):
        for lane in ((0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)):
            quarter(*lane)
        for lane in ((0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)):
            quarter(*lane)
    return start, state


def hsalsa20(key, input_):
    _, state = salsa20_rounds(key, input_)
    return struct.pack("<8I", *(state[index] for index in (0, 5, 10, 15, 6, 7, 8, 9)))


def salsa20_stream(key, nonce, count):
    out = b""
    for block in range((count + 63) // 64):
        start, state = salsa20_rounds(key, nonce + struct.pack("<Q", block))
        out += struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(start, state)))
    return out[:count]


def x25519_public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def box(message, to, ephemeral):
    """crypto_box_seal with a chosen ephemeral key."""
    ephemeral_public = x25519_public(ephemeral)
    nonce = hashlib.blake2b(ephemeral_public + to, digest_size=24).digest()
    shared = X25519PrivateKey.from_private_bytes(ephemeral).exchange(
        X25519PublicKey.from_public_bytes(to))
    key = hsalsa20(hsalsa20(shared, bytes(16)), nonce[:16])
    stream = salsa20_stream(key, nonce[16:], 32 + len(message))
    sealed = bytes(a ^ b for a, b in zip(message, stream[32:]))
    return ephemeral_public + Poly1305.generate_tag(stream[:32], sealed) + sealed


def agreed(secret, public):
    return X25519PrivateKey.from_private_bytes(secret).exchange(
        X25519PublicKey.from_public_bytes(public))


def signing_public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed, message):
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def sha256(data):
    return hashlib.sha256(data).digest()


# Formats.


def padded_bytes(item_bytes):
    length = max(item_bytes + 1, 32)
    exponent = length.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return length + mask & ~mask


def pad(item):
    return (item + b"\x80").ljust(padded_bytes(len(item)), b"\0")


def seal_name(key, label, name):
    return xchacha_seal(key, chance(label, 24), pad(cbor(name)), b"godwit name 1")


def slot(phrase, label, store_key, memory_bytes, passes):
    salt = chance(label + " salt", 16)
    derived = Argon2id(salt=salt, length=32, iterations=passes, lanes=1,
                       memory_cost=memory_bytes // 1024).derive(phrase.encode())
    sealed = xchacha_seal(derived, chance(label + " nonce", 24), store_key, b"godwit store key 1")
    return cbor([1, salt, memory_bytes, passes, sealed])


def phrase_of(data):
    def syllable(number):
        return "bdfgjklmnprstwyz"[number >> 2 & 15] + "aeiu"[number & 3]

    numbers = struct.unpack(">7H", data)
    return " ".join(syllable(number >> 6) + syllable(number) for number in numbers)


class Replica:
    def __init__(self, label):
        self.id = chance(label + " replica", 16)
        self.seed = chance(label + " signing", 32)
        self.box = chance(label + " box", 32)
        self.member = chance(label + " member", 16)
        self.number = 0
        self.previous = bytes(32)

    def keys(self):
        return [self.id, signing_public(self.seed), x25519_public(self.box)]


class Organisation:
    def __init__(self):
        self.root = chance("root", 32)
        self.server = chance("server", 32)
        self.recovery = chance("recovery", 32)
        self.key = chance("organisation key", 32)
        self.id = sha256(b"godwit organisation 1" + signing_public(self.root))[:16]
        self.statements = []

    def say(self, signer, seed, number, previous, kind, body):
        items = [1, self.id, signer, number, previous, kind, body]
        signature = sign(seed, b"godwit statement 1" + cbor(items))
        statement = cbor(items + [signature])
        self.statements.append({"kind": kind, "seed": seed, "statement": statement})
        return statement

    def by(self, replica, kind, body):
        statement = self.say(replica.id, replica.seed, replica.number + 1, replica.previous, kind,
                             body)
        replica.number += 1
        replica.previous = sha256(statement)

    def enrol(self, replica, invitation, invitation_seed):
        consent = sign(invitation_seed,
                       b"godwit enrolment 1" + self.id + invitation + b"".join(replica.keys()))
        self.by(replica, 5, [invitation, replica.keys(), consent, NOW_MS + 4])

    def name(self, name):
        return seal_name(self.key, "name " + name, name)


def commitment_to(key, record):
    return hashlib.blake2b(b"godwit record key 1" + record, key=key, digest_size=32).digest()


class KeyTree:
    """As many record keys as a power of two, under one signature."""

    def __init__(self, maker, seed, team, entries):
        self.maker, self.team, self.entries = maker, team, entries
        self.leaves = [b"godwit record key 1" + record + team + commitment_to(key, record)
                       for record, key in entries]
        self.depth = len(entries).bit_length() - 1
        self.signature = sign(seed, self.preimage(0, len(entries)))

    def preimage(self, first, count):
        if count == 1:
            return self.leaves[first]
        half = count // 2
        return (b"godwit record keys 1" + sha256(self.preimage(first, half)) +
                sha256(self.preimage(first + half, half)))

    def untold(self, places, first, count, level):
        """(level, place, digest) of the largest parts of the tree where nothing is told."""
        if not any(first <= place < first + count for place in places):
            return [(level, first, sha256(self.preimage(first, count)))]
        if count == 1:
            return []
        half = count // 2
        return (self.untold(places, first, half, level - 1) +
                self.untold(places, first + half, half, level - 1))

    def told(self, places):
        entries = []
        for place in places:
            record, key = self.entries[place]
            entries += [place, record, commitment_to(key, record)]
        digests = sorted(self.untold(places, 0, len(self.entries), self.depth))
        return cbor([self.maker, self.team, self.depth, self.signature, entries,
                     b"".join(digest for _, _, digest in digests)])


def wraps_of(record, key, ephemeral, recipients):
    out = cbor(record)
    for kind, name, epoch, public in recipients:
        ephemeral_public = x25519_public(ephemeral)
        wrapping_key = hashlib.blake2b(
            b"godwit wrap 2" + ephemeral_public + public + bytes([kind]) + name +
            epoch.to_bytes(8, "big"), key=agreed(ephemeral, public), digest_size=32).digest()
        nonce = commitment_to(key, record)[:24]
        sealed = xchacha_seal(wrapping_key, nonce, key, record)[24:]
        out += cbor([kind, name, epoch, b"\2" + ephemeral_public + sealed])
    return out


def record_keys():
    team, maker, seed = chance("team", 16), chance("maker", 16), chance("maker key", 32)
    reader, recovery = chance("reader key", 32), chance("recovery", 32)
    organisation, ephemeral = chance("organisation", 16), chance("ephemeral", 32)
    entries = [(chance("record %d" % number, 16), chance("record key %d" % number, 32))
               for number in range(5)]
    tree, alone = (KeyTree(maker, seed, team, part) for part in (entries[:4], entries[4:]))
    recipients = [(4, organisation, 0, x25519_public(recovery)),
                  (2, team, 1, x25519_public(reader))]
    return {
        "seed": seed, "maker": maker, "team": team, "organisation": organisation,
        "ephemeral": ephemeral, "reader_secret": reader, "recovery_secret": recovery,
        "records": [{"record": record, "key": key,
                     "wraps": wraps_of(record, key, ephemeral, recipients)}
                    for record, key in entries],
        "batches": [alone.told([0]), tree.told([0, 1, 2, 3])],
        "told": [{"places": places, "batch": tree.told(places)}
                 for places in ([2], [0, 3], [2, 3], [0, 1, 3])],
        # A statement signed alone and a box, as the first format had them.
        "first_format": {"statement": alone.told([0]),
                         "box": box(entries[4][1], x25519_public(reader), chance("wrap", 32))},
    }


def roster():
    org = Organisation()
    asha, bela, dina = Replica("asha"), Replica("bela"), Replica("dina")
    team, reader = chance("team", 16), chance("reader key", 32)
    org.say(org.id, org.root, 1, bytes(32), 1,
            [signing_public(org.root), signing_public(org.server), x25519_public(org.recovery),
             org.name("Godwits"), asha.member, org.name("Asha"), asha.keys(), NOW_MS])
    org.by(asha, 2, [team, org.name("Harbour"), NOW_MS + 1])
    for replica, role in ((bela, 2), (dina, 1)):
        label = "bela" if replica is bela else "dina"
        places = [[team, role]]
        invitation, seed = chance(label + " invitation", 16), chance(label + " invitation key", 32)
        org.by(asha, 3, [replica.member, org.name(label.capitalize()), places, NOW_MS + 2])
        org.by(asha, 4, [invitation, signing_public(seed), replica.member, places,
                         NOW_MS + 604_800_000, NOW_MS + 3])
        if replica is dina:
            org.proof = [org.statements[index]["statement"]
                         for index in (0, 1, len(org.statements) - 1)]
        org.enrol(replica, invitation, seed)
    org.by(bela, 7, [team, 2, 1, x25519_public(reader),
                     [[bela.id, box(reader, x25519_public(bela.box), chance("grant 1", 32))]],
                     NOW_MS + 5])
    waiting = [[team, 2, 1, dina.id]]
    org.by(bela, 8, [team, 2, 1,
                     [[dina.id, box(reader, x25519_public(dina.box), chance("grant 2", 32))]],
                     NOW_MS + 6])
    org.by(asha, 6, [bela.id, 1, NOW_MS + 7])
    return org, {
        "organisation": org.id,
        "organisation_key": org.key,
        "statements": org.statements,
        "waiting_before_grant": waiting,
        "roles": [[asha.id, bytes(16), 3], [bela.id, team, 2], [dina.id, team, 1]],
        "names": [[org.name("Harbour"), "Harbour"], [org.name("Dina"), "Dina"]],
        "grants": [{"replica": replica.id, "box_secret": replica.box,
                    "reader_public": x25519_public(reader), "reader_secret": reader}
                   for replica in (bela, dina)],
        "revoked": bela.id,
        "team": team,
    }


def sealing():
    key, record = chance("record key", 32), chance("record", 16)
    seed = chance("maker key", 32)
    values = []
    for field, value in ((1, "Harbour"), (40, "পাসপোর্ট রেখে দিয়েছে"), (70_000, "x" * 500)):
        nonce = chance("nonce %d" % field, 24)
        sealed = xchacha_seal(key, nonce, pad(cbor(value)), record + field.to_bytes(4, "big"))
        values.append({"key": key, "record": record, "field": field, "item": cbor(value),
                       "nonce": nonce, "sealed": sealed})
    replica, nonce, payload = chance("replica", 16), chance("request nonce", 24), b"payload"
    server, path = signing_public(chance("server", 32)), "/v1/exchange"
    signed = (b"godwit request 1" + server + bytes([len(path)]) + path.encode() + replica + nonce +
              sha256(payload))
    phrase, store_key = "bada dafi futu gagi jaku nine zuzi", chance("store key", 32)
    return {
        "padding": [[count, padded_bytes(count)]
                    for count in (0, 1, 30, 31, 32, 33, 99, 255, 256, 1000, 4095, 65535, 1 << 20)],
        "values": values,
        "record_keys": record_keys(),
        "requests": [{
            "path": path, "server": server, "replica": replica, "nonce": nonce, "payload": payload,
            "seed": seed,
            "envelope": b"GWR1" + replica + nonce + sign(seed, signed) + payload}],
        "phrases": [[data, phrase_of(data)]
                    for data in (bytes(14), b"\xff" * 14, chance("phrase", 14))],
        "slots": [{"phrase": phrase, "typed": " Bada DAFI futu\tgagi  jaku nine zuzi\n",
                   "key": store_key,
                   "slot": slot(phrase, "slot", store_key, memory_bytes, passes)}
                  for memory_bytes, passes in ((65536, 1), (262144, 3))],
    }


def line(prefix, body):
    return prefix + base64.urlsafe_b64encode(cbor(body)).decode().rstrip("=")


def invitation(org):
    pin, url = chance("pin", 32), "https://192.0.2.7:8443"
    secret, seed = chance("founding secret", 32), chance("dina invitation key", 32)
    server = signing_public(org.server)
    return {
        "founding": [
            {"server_url": url, "server_pin": each, "server_key": server, "secret": secret,
             "text": line("godwit-found:", [1, url, each, server, secret])}
            for each in (pin, None)],
        "invitations": [
            {"server_url": url, "server_pin": each, "organisation": org.id,
             "organisation_key": org.key, "seed": seed, "proof": org.proof,
             "invitation": chance("dina invitation", 16),
             "text": line("godwit-invite:", [1, url, each, org.id, org.key, seed, org.proof])}
            for each in (pin, None)],
    }


def receipt():
    seed = chance("server", 32)
    epoch, replica, log = (chance(label, 16) for label in ("epoch", "replica", "log"))
    head_hash = chance("hash", 32)
    items = [1, epoch, replica, log, 4, 9, head_hash, 2_000_000, 1_000_000, -300]
    mark = [1, epoch, log, 9, 2_500_000]
    times = [[1_500_300, 7], [1_000_299, 7], [1_000_300, 7], [2_000_301, 7], [-(1 << 63), 1],
             [(1 << 63) - 1, 1]]

    def effective(wall_ms, tick):
        corrected = wall_ms - 300
        clamped = min(max(corrected, 1_000_000), 2_000_000)
        return [clamped, tick if clamped == corrected else 0]

    return {
        "server_seed": seed,
        "receipts": [{
            "epoch": epoch, "replica": replica, "log": log, "after": 4, "through": 9,
            "hash": head_hash, "received_ms": 2_000_000, "floor_ms": 1_000_000, "offset_ms": -300,
            "receipt": cbor(items + [sign(seed, b"godwit receipt 1" + cbor(items))]),
            "times": [[claimed, effective(*claimed)] for claimed in times]}],
        "safe_marks": [{
            "epoch": epoch, "log": log, "through": 9, "backed_up_ms": 2_500_000,
            "mark": cbor(mark + [sign(seed, b"godwit safe 1" + cbor(mark))])}],
    }


def as_text(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: as_text(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_text(part) for part in value]
    return value


def write(name, about, answers):
    text = json.dumps({"about": about, **as_text(answers)}, indent=1, ensure_ascii=False)
    (FOLDER / (name + ".json")).write_text(text + "\n")


def main():
    org, roster_answers = roster()
    write("sealing", "Sealing, sections 1 to 4, and exchange section 2. Bytes in hexadecimal.",
          sealing())
    write("roster", "Sealing, section 5. Bytes in hexadecimal.", roster_answers)
    write("invitation", "Sealing, section 6. Bytes in hexadecimal.", invitation(org))
    write("receipt", "Exchange, section 4. Bytes in hexadecimal.", receipt())


main()
