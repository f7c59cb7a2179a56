"""A reader of recordings that shares nothing with the program: written from docs/recording-format.md.

usage: read_recording.py FILE    prints one JSON line per snapshot: [time, [[tag, kind, allocs, frees, outstanding, bytes], ...]]
       read_recording.py --beside FILE    [time, [processes, threads, handles], {type: [objects, handles, ...]}, {"pid name": [...]}]
       read_recording.py --seals FILE    one line: [runs whose digest holds, all runs, whether the chain holds]
"""

import hashlib
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


def counts_of(nibbles, before, fields):
    mask = nibbles.unsigned()
    codes = [0 if count is None else count + 1 for count in (before or [None] * fields)]
    for field in range(fields):
        if mask >> field & 1:
            codes[field] += nibbles.signed()
    return [None if code == 0 else code - 1 for code in codes]


def count_rows(nibbles, before, fields):
    rows, at = dict(before), 0
    for _ in range(nibbles.unsigned()):
        at += nibbles.unsigned()
        del rows[at]
        at += 1
    at = 0
    for _ in range(nibbles.unsigned()):
        at += nibbles.unsigned()
        rows[at] = counts_of(nibbles, before.get(at), fields)
        at += 1
    return rows


def opened(blob):
    if zlib.crc32(blob[:-4]) != struct.unpack("<I", blob[-4:])[0]:
        raise ValueError("checksum")
    return Nibbles(blob[1:-4])


def beside(db):
    types = dict(db.execute("SELECT id, name FROM object_type"))
    processes = {slot: f"{pid} {name}" for slot, pid, name in db.execute("SELECT id, pid, name FROM process")}
    for time, base, counts, programs in db.execute(
            "SELECT time, base, counts, programs FROM snapshot LEFT JOIN beside USING (id) ORDER BY id"):
        if base is None:
            live, objects, rows = None, {}, {}
        if counts is not None:
            nibbles = opened(counts)
            live = counts_of(nibbles, live, 3)
            objects = count_rows(nibbles, objects, 4)
        if programs is not None:
            nibbles = opened(programs)
            nibbles.unsigned()
            rows = count_rows(nibbles, rows, 8)
        shown = counts is not None and {types[slot]: row for slot, row in objects.items()}
        print(json.dumps([time, counts is not None and live, shown,
                          programs is not None and {processes[slot]: row for slot, row in rows.items()}]))


def seals(db):
    columns = [row[1] for row in db.execute("PRAGMA table_info(snapshot)")]
    chain, good, whole, runs = b"", 0, True, 0
    for keyframe, last, snapshots, tags, digest, stored in db.execute("SELECT * FROM seal ORDER BY keyframe").fetchall():
        found, count = hashlib.sha256(), 0
        for row in db.execute("SELECT * FROM snapshot WHERE id BETWEEN ? AND ? ORDER BY id", (keyframe, last)):
            named = dict(zip(columns, row))
            more = db.execute("SELECT counts, programs FROM beside WHERE id = ?", (named["id"],)).fetchone()
            blobs = [named.pop("rows"), *(more or (None, None))]
            text = json.dumps(list(named.values()), separators=(",", ":"), ensure_ascii=False)
            found.update(text.encode() + b"\n")
            for blob in blobs:
                found.update(b"\xff" * 4 if blob is None else struct.pack("<I", len(blob)) + blob)
            count += 1
        for row in db.execute("SELECT id, tag, kind FROM tag WHERE id < ? ORDER BY id", (tags,)):
            found.update("{} {} {}\n".format(*row).encode())
        runs += 1
        good += count == snapshots and found.digest() == digest
        chain = hashlib.sha256(chain + digest).digest()
        whole = whole and chain == stored
    print(json.dumps([good, runs, whole]))


def main(path, what=None):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert db.execute("PRAGMA application_id").fetchone()[0] == 0x504C5343, "not a recording"
    assert db.execute("PRAGMA user_version").fetchone()[0] in (1, 2, 3, 4), "another version"
    if what is not None:
        return what(db)
    slots = {slot: (tag, kind) for slot, tag, kind in db.execute("SELECT id, tag, kind FROM tag")}
    bits = dict(db.execute("SELECT id, counter_bits FROM origin"))
    rows = []
    for time, origin, before, blob in db.execute("SELECT time, origin, base, rows FROM snapshot ORDER BY id"):
        rows = decode(blob, [] if before is None else rows, bits[origin], slots)
        print(json.dumps([time, [[*slots[row[0]], *map(plain, row[1:])] for row in rows]]))


main(sys.argv[-1], {"--beside": beside, "--seals": seals}.get(sys.argv[1]))
