#!/usr/bin/env python3
"""Holds a public log to what it signed, with nothing but Python's standard library.

    verify.py log DIR|URL [VKEY]            the whole log: every entry, every tile, the root, the signature
    verify.py proof FILE ENTRY_HEX VKEY     one entry, by a proof that was carried away (c2sp.org/tlog-proof)
    verify.py paper FILE SALT_HEX TEXT VKEY the same for a paper: the entry is SHA-256 of salt and text

It shares no code with the program whose log it verifies. Ends with 0, or with 1 and the first thing that is wrong.
Formats: RFC 6962, RFC 8032, c2sp.org/tlog-tiles, tlog-checkpoint, signed-note.
"""

import base64
import hashlib
import os
import sys
import urllib.error
import urllib.request


class Wrong(Exception):
    """The first thing that is wrong."""


# Ed25519 (RFC 8032 section 5.1), for verification only: slow and plain.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def point_add(a, b):
    x = (a[1] - a[0]) * (b[1] - b[0]) % P
    y = (a[1] + a[0]) * (b[1] + b[0]) % P
    t = 2 * a[3] * b[3] * D % P
    z = 2 * a[2] * b[2] % P
    e, f, g, h = y - x, z - t, z + t, y + x
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_mul(times, point):
    result = (0, 1, 1, 0)
    while times > 0:
        if times & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        times >>= 1
    return result


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - square) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


def decompress(data):
    if len(data) != 32:
        return None
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519_holds(public, message, signature):
    if len(signature) != 64:
        return False
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    left, right = point_mul(s, BASE), point_add(r, point_mul(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# Signed notes and checkpoints.
def read_key(text):
    name, key_id, encoded = text.strip().split("+", 2)
    data = base64.b64decode(encoded, validate=True)
    digest = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or data[0] != 1 or digest.hex() != key_id:
        raise Wrong("the key is no key of a log")
    return name, digest, data[1:]


def read_checkpoint(note, key):
    at = note.rindex("\n\n")
    text, lines = note[: at + 1], note[at + 2 :].splitlines()
    if key is not None:
        name, key_id, public = key
        held = False
        for line in lines:
            dash, signer, encoded = line.split(" ")
            data = base64.b64decode(encoded, validate=True)
            if dash == "\u2014" and signer == name and data[:4] == key_id:
                if not ed25519_holds(public, text.encode(), data[4:]):
                    raise Wrong("the signature of the checkpoint does not hold")
                held = True
        if not held:
            raise Wrong("the checkpoint is not signed by the key")
        if text.split("\n")[0] != name:
            raise Wrong("the checkpoint is of another log than the key")
    origin, size, root = text.split("\n")[:3]
    return origin, int(size), base64.b64decode(root, validate=True)


# The tree.
def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes):
    """As RFC 6962 defines it, on purpose without any of its shortcuts."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(tree_root(hashes[:split]), tree_root(hashes[split:]))


def inclusion_root(hashes, index, size, leaf):
    """The root to which a proof leads (RFC 6962 section 2.1.1), from the leaf's side."""
    sides = []

    def walk(start, end):
        if end - start == 1:
            return
        split = 1
        while split * 2 < end - start:
            split *= 2
        if index < start + split:
            sides.append(False)
            walk(start, start + split)
        else:
            sides.append(True)
            walk(start + split, end)

    if not 0 <= index < size:
        raise Wrong("the index is not in the tree")
    walk(0, size)
    if len(sides) != len(hashes):
        raise Wrong("the proof has a wrong number of hashes")
    result = leaf
    for other, is_left in zip(hashes, reversed(sides)):
        result = node_hash(other, result) if is_left else node_hash(result, other)
    return result


# Reading a log.
def fetch(place, name):
    if place.startswith(("http://", "https://")):
        try:
            with urllib.request.urlopen(place.rstrip("/") + "/" + name, timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise Wrong(f"{name}: the log answers {error.code}") from error
    path = os.path.join(place, name)
    if not os.path.isfile(path):
        raise Wrong(f"{name} is missing")
    with open(path, "rb") as file:
        return file.read()


def tile_name(level, number, width):
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    return f"tile/{level}/" + "/".join(groups) + (f".p/{width}" if width < 256 else "")


def read_entries(bundle, width, name):
    entries, at = [], 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2], "big")
        entry = bundle[at + 2 : at + 2 + length]
        if at + 2 > len(bundle) or len(entry) != length:
            raise Wrong(f"{name} is cut off")
        entries.append(entry)
        at += 2 + length
    if len(entries) != width:
        raise Wrong(f"{name} holds {len(entries)} entries, not {width}")
    return entries


def verify_log(place, key):
    origin, size, root = read_checkpoint(fetch(place, "checkpoint").decode(), key)
    level, row = 0, []
    for number in range((size + 255) // 256):
        width = min(256, size - number * 256)
        name = tile_name("entries", number, width)
        for at, entry in enumerate(read_entries(fetch(place, name), width, name)):
            row.append(leaf_hash(entry))
    leaves = row
    while row:
        for number in range((len(row) + 255) // 256):
            hashes = row[number * 256 : number * 256 + 256]
            name = tile_name(level, number, len(hashes))
            if fetch(place, name) != b"".join(hashes):
                raise Wrong(f"{name} does not follow from what lies below it")
        whole = len(row) // 256
        row = [tree_root(row[at * 256 : at * 256 + 256]) for at in range(whole)]
        level += 1
    if tree_root(leaves) != root:
        raise Wrong("the root does not follow from the entries")
    signed = "signed" if key else "not held against a key"
    return f"{origin}: {size} entries, all tiles and the root hold, {signed}"


def verify_proof(path, entry, key):
    with open(path, encoding="utf-8") as file:
        head, note = file.read().split("\n\n", 1)
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise Wrong("it is no proof")
    lines = [line for line in lines[1:] if not line.startswith("extra ")]
    index = int(lines[0].removeprefix("index "))
    hashes = [base64.b64decode(line, validate=True) for line in lines[1:]]
    origin, size, root = read_checkpoint(note, key)
    if inclusion_root(hashes, index, size, leaf_hash(entry)) != root:
        raise Wrong("the proof does not lead to the root")
    return f"{origin}: entry {index} of {size} holds"


def main(arguments):
    match arguments:
        case ["log", place]:
            return verify_log(place, None)
        case ["log", place, key]:
            return verify_log(place, read_key(key))
        case ["proof", path, entry, key]:
            return verify_proof(path, bytes.fromhex(entry), read_key(key))
        case ["paper", path, salt, text, key]:
            entry = hashlib.sha256(bytes.fromhex(salt) + text.encode()).digest()
            return verify_proof(path, entry, read_key(key))
    raise Wrong(__doc__)


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except (Wrong, ValueError, OSError) as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(1)
