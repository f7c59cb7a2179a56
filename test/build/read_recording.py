"""A reader of recordings that shares nothing with the program: written from docs/recording-format.md.

usage: read_recording.py FILE    prints one JSON line per snapshot: [time, [[tag, kind, allocs, frees, outstanding, bytes], ...]]
"""

import json
import math
import sqlite3
import struct
import sys
import zlib


class Nibbles:
    def __init__(self, data):
        self.nibbles = [half for byte in data for half in (byte & 15, byte >> 4)]
        self.at = 0

    def next(self):
        self.at += 1
        return self.nibbles[self.at - 1]

    def unsigned(self):
        value, shift = 0, 0
        while True:
            nibble = self.next()
            value |= (nibble & 7) << shift
            shift += 3
            if nibble < 8:
                return value

    def signed(self):
        nibble = self.next()
        size = (nibble >> 1) & 3
        if nibble & 8:
            size |= self.unsigned() << 2
        return -size if nibble & 1 else size

    def double(self):
        data = bytes(self.next() | (self.next() << 4) for _ in range(8))
        return struct.unpack("<d", data)[0]


def base(value):
    return int(value) if math.isfinite(value) and value == int(value) and abs(value) < 2**53 else 0


def decode(blob, rows, counter_bits, slots):
    """rows: list of [slot, allocs, frees, outstanding, bytes]. Answers the new list."""
    if zlib.crc32(blob[:-4]) != struct.unpack("<I", blob[-4:])[0]:
        raise ValueError("checksum")
    head = blob[0]
    nibbles = Nibbles(blob[1:-4])
    unit = 1 << (head >> 4)
    if head & 1:
        known = {row[0]: row for row in rows}
        rows, expected = [], 0
        for _ in range(nibbles.unsigned()):
            first = expected + nibbles.signed()
            length = nibbles.unsigned() + 1
            for slot in range(first, first + length):
                assert slot in slots
                rows.append(list(known.get(slot, [slot, 0, 0, 0, 0])))
            expected = first + length
    at = 0
    for _ in range(nibbles.unsigned()):
        at += nibbles.unsigned()
        row = rows[at]
        allocs = math.nan if head & 2 else base(row[1]) + nibbles.signed()
        outstanding, size = base(row[3]), base(row[4])
        change = nibbles.signed()
        per_block = size // unit // outstanding if outstanding > 0 else 0
        row[4] = size + (nibbles.signed() + change * per_block) * unit
        row[3] = outstanding + change
        row[1] = allocs
        row[2] = allocs - row[3]
        if counter_bits == 32 and not math.isnan(allocs):
            row[2] %= 2**32
        at += 1
    at = 0
    for _ in range(nibbles.unsigned()):
        at += nibbles.unsigned()
        rows[at][1:] = [nibbles.double() for _ in range(4)]
        at += 1
    return rows


def plain(value):
    if isinstance(value, float) and math.isnan(value):
        return None
    return int(value) if value == int(value) else value


def main(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert db.execute("PRAGMA application_id").fetchone()[0] == 0x504C5343, "not a recording"
    assert db.execute("PRAGMA user_version").fetchone()[0] == 1, "another version"
    slots = {slot: (tag, kind) for slot, tag, kind in db.execute("SELECT id, tag, kind FROM tag")}
    bits = dict(db.execute("SELECT id, counter_bits FROM origin"))
    rows = []
    for time, origin, before, blob in db.execute("SELECT time, origin, base, rows FROM snapshot ORDER BY id"):
        rows = decode(blob, [] if before is None else rows, bits[origin], slots)
        print(json.dumps([time, [[*slots[row[0]], *map(plain, row[1:])] for row in rows]]))


main(sys.argv[1])
