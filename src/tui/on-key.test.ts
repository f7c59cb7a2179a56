import fc from "fast-check";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { formatTagFixed } from "../model/tag.ts";
import { cellWidth } from "../reports/cells.ts";
import { EXAMPLE_BESIDE, exampleMonitor, exampleSnapshot, exampleState, tagOf } from "./example.test-support.ts";
import { frame } from "./frame.ts";
import { KEY_LIST } from "./key-list.ts";
import type { Key } from "./keys.ts";
import { onKey, onResize, TABLE_KEYS } from "./on-key.ts";
import { compileFilter } from "./order.ts";
import { settle } from "./settle.ts";
import type { Effect, State } from "./state.ts";

const SIZE = { columns: 120, rows: 30 };

function press(state: State, ...names: readonly string[]): State {
  let next = state;
  for (const name of names) next = onKey(next, { kind: "key", name }).state;
  return next;
}

function effectOf(state: State, name: string): Effect | undefined {
  return onKey(state, { kind: "key", name }).effect;
}

function tags(state: State, count = 5): string[] {
  return [...state.order.subarray(0, count)].map((slot) => formatTagFixed(state.board.tag(slot)));
}

const example = exampleState(30, SIZE);

describe("leaving", () => {
  const span = (minutes: number): State => {
    const { diagnosis } = example;
    if (diagnosis === undefined) throw new Error("the example is diagnosed");
    const { to } = diagnosis.span;
    return {
      ...example,
      feed: { kind: "live", intervalMs: 2000 },
      recording: undefined,
      diagnosis: { ...diagnosis, span: { ...diagnosis.span, from: to - minutes * 60_000 } },
    };
  };

  test("Esc takes back filter, then what is left out, then the pool, and leaves only then", () => {
    const narrowed = press(span(1), "p", "g", "/", "N", "enter");
    expect([narrowed.filter, narrowed.growingOnly, narrowed.kinds]).toEqual(["N", true, "nonpaged"]);
    const first = press(narrowed, "escape");
    expect([first.filter, first.growingOnly, first.kinds]).toEqual(["", true, "nonpaged"]);
    const second = press(first, "escape");
    expect([second.growingOnly, second.kinds]).toEqual([false, "nonpaged"]);
    const third = press(second, "escape");
    expect(third.kinds).toBe("both");
    expect(effectOf(second, "escape")).toBeUndefined();
    expect(effectOf(third, "escape")).toEqual({ type: "quit" });
  });

  test("a long history that is kept nowhere is asked for once; another key takes the wish back", () => {
    expect(effectOf(span(10), "q")).toEqual({ type: "quit" });
    const long = span(11);
    expect(effectOf(long, "q")).toBeUndefined();
    const asked = press(long, "q");
    expect(asked.message).toContain("q again leaves");
    expect(effectOf(asked, "q")).toEqual({ type: "quit" });
    expect(effectOf(press(asked, "down"), "q")).toBeUndefined();
    expect(effectOf(long, "ctrl-c")).toEqual({ type: "quit" });
    expect(effectOf({ ...long, recording: "a.pool" }, "q")).toEqual({ type: "quit" });
  });
});

describe("PoolMon's keys", () => {
  test("t a f d b m sort as PoolMon does: tags upwards, figures downwards", () => {
    expect(tags(press(example, "t"), 3)).toEqual(["..x ", "Aa00", "Aa04"]);
    expect(tags(press(example, "b"), 2)).toEqual(["MmSt", "EtwB"]);
    expect(tags(press(example, "a"), 2)).toEqual(["MmSt", "Irp "]);
    expect(tags(press(example, "f"), 2)).toEqual(["MmSt", "Irp "]);
    expect(tags(press(example, "d"), 3)).toEqual(["MmSt", "Irp ", "NtFC"]);
    expect(tags(press(example, "m"), 2)).toEqual(["EtwB", "MmSt"]);
  });

  test("( and ) sort by the change and back", () => {
    expect(tags(press(example, "a", "("), 1)).toEqual(["Irp "]);
    expect(tags(press(example, "b", ")"), 3)).toEqual(["MmSt", "Leak", "Irp "].toSorted((a, b) => rank(a) - rank(b)));
    expect(press(example, "b", "(", ")").byChange).toBe(false);
  });

  test("p goes from both pools to nonpaged to paged", () => {
    const kinds = [press(example, "p"), press(example, "p", "p"), press(example, "p", "p", "p")].map(
      (state) => new Set([...state.order].map((slot) => state.board.kind(slot))),
    );
    expect(kinds).toEqual([new Set([0]), new Set([1]), new Set([0, 1])]);
  });

  test("s, digits and i choose sessions", () => {
    expect(effectOf(example, "s")).toEqual({ type: "session", session: "all" });
    expect(effectOf({ ...example, session: 3 }, "s")).toEqual({ type: "session", session: "system" });
    expect(effectOf(example, "4")).toEqual({ type: "session", session: 4 });
    expect(effectOf(press(example, "i"), "enter")).toEqual({ type: "session", session: "all" });
    expect(effectOf(press(example, "i", "1", "2"), "enter")).toEqual({ type: "session", session: 12 });
    expect(press(example, "i", "x", "enter").message).toContain("A session is a number");
  });

  test("l, e, h, q and Esc", () => {
    expect(press(example, "l").highlight).toBe(false);
    expect(frame(press(example, "e"), SIZE).join("\n")).toContain("Total Nonp");
    expect(press(example, "h").screen).toBe("help");
    expect(press(example, "h", "q").screen).toBe("table");
    const recorded = { ...example, recording: "a.pool" };
    expect(effectOf(recorded, "q")).toEqual({ type: "quit" });
    expect(effectOf(recorded, "escape")).toEqual({ type: "quit" });
    expect(effectOf(press(example, "enter"), "q")).toBeUndefined();
    expect(effectOf(press(example, "enter"), "ctrl-c")).toEqual({ type: "quit" });
  });

  test("arrows and pages move; the selection stays on its tag when rows move", () => {
    const moved = press(example, "b", "down", "down", "down");
    const tag = moved.board.tag(moved.order[moved.cursor] ?? -1);
    const sorted = settle({ ...moved, sort: "tag" });
    expect(sorted.board.tag(sorted.order[sorted.cursor] ?? -1)).toBe(tag);
    expect(press(example, "end").cursor).toBe(example.order.length - 1);
    expect(press(example, "end", "home").top).toBe(0);
    expect(press(example, "pagedown").cursor).toBeGreaterThan(15);
  });
});

function rank(tag: string): number {
  const slot = example.board.slotOf(tagOf(tag) * 2 + (tag === "MmSt" ? 1 : 0)) ?? -1;
  return -example.board.change(slot, "bytes");
}

describe("finding a leak", () => {
  test("suspects come first, Tab goes to them, Enter explains", () => {
    expect(tags(example, 2)).toEqual(["Leak", "LkCx"]);
    const found = press(example, "b", "tab");
    expect(formatTagFixed(found.board.tag(found.order[found.cursor] ?? -1))).toBe("Leak");
    const { state, effect } = onKey(found, { kind: "key", name: "enter" });
    expect(effect).toEqual({ type: "facts", tag: tagOf("Leak") });
    expect(frame(state, SIZE).join("\n")).toContain("memory is allocated and not freed");
    expect(press(settle({ ...example, verdicts: new Map() }), "tab").message).toContain("No suspect");
  });

  test("/ filters while it is typed, Enter keeps, Esc undoes", () => {
    const typed = press(example, "/", "L", "*", " ", "!", "L", "k", "*");
    expect(tags(typed)).toContain("Leak");
    expect(tags(typed)).not.toContain("LkCx");
    expect(press(typed, "enter").filter).toBe("L* !Lk*");
    expect(press(typed, "escape").filter).toBe("");
    expect(press(typed, "backspace", "ctrl-u").order).toHaveLength(example.order.length);
  });

  test("filter words: prefix, whole tag with wildcards, owner, exclusion", () => {
    const owner = () => ({ component: "ntfs.sys", description: "", from: "" });
    const none = () => undefined;
    expect(compileFilter("Nt")(tagOf("NtFC"), none)).toBe(true);
    expect(compileFilter("nt")(tagOf("NtFC"), none)).toBe(false);
    expect(compileFilter("NTFS")(tagOf("Abcd"), owner)).toBe(true);
    expect(compileFilter("N?")(tagOf("NtFC"), none)).toBe(false);
    expect(compileFilter("N??C !Nt")(tagOf("NtFC"), none)).toBe(false);
    expect(compileFilter("!Nt")(tagOf("Irp"), none)).toBe(true);
    expect(compileFilter("! ")(tagOf("Irp"), none)).toBe(true);
  });

  test("g keeps what grows, u what no list knows", () => {
    expect(tags(press(example, "g"), 9)).toEqual(expect.arrayContaining(["Leak", "LkCx"]));
    expect(tags(press(example, "g"), 9)).not.toContain("EtwB");
    expect(tags(press(example, "u", "b"), 999)).not.toContain("EtwB");
    expect(tags(press(example, "u", "b"), 999)).toContain("Leak");
  });

  test("the mouse selects, opens, sorts and scrolls", () => {
    const click = (state: State, column: number, row: number) =>
      onKey(state, { kind: "mouse", action: "click", column, row }).state;
    const selected = click(example, 5, 10);
    expect(selected.cursor).toBe(3);
    expect(click(selected, 5, 10).screen).toBe("detail");
    expect(click(example, 3, 6).sort).toBe("tag");
    expect(click(press(example, "t"), 3, 6).byChange).toBe(true);
    expect(onKey(example, { kind: "mouse", action: "wheel-down", column: 1, row: 9 }).state.cursor).toBe(3);
  });

  test("seeking is for replays", () => {
    expect(effectOf(example, "}")).toBeUndefined();
    expect(press(example, "}").message).toContain("--replay");
  });
});

describe("the list of keys", () => {
  const listed = new Set(KEY_LIST.flatMap((entry) => entry.keys));

  test("every listed key does something, and every key that does something is listed", () => {
    const everywhere = ["ctrl-c", "ctrl-l", "ctrl-z"];
    expect([...listed].filter((name) => !everywhere.includes(name) && !(name in TABLE_KEYS))).toEqual([]);
    expect(Object.keys(TABLE_KEYS).filter((name) => !listed.has(name))).toEqual([]);
  });
});

describe("whatever is pressed", () => {
  const ARROWS = ["up", "down", "left", "right", "pageup", "pagedown", "home", "end", "enter", "escape", "tab"];
  const NAMES = [
    ...new Set([...KEY_LIST.flatMap((entry) => entry.keys), ...ARROWS, "backspace", "ctrl-u", "é", "日", "*", "!"]),
  ];

  test("10,000 random keys, clicks, sizes and samples: frames stay whole", () => {
    const random = mulberry(20_261_126);
    const monitor = exampleMonitor(8, SIZE);
    let size = SIZE;
    let at = 8;
    let quits = 0;
    for (let step = 0; step < 10_000; step++) {
      const choice = random();
      if (choice < 0.02) {
        size = { columns: 1 + Math.floor(random() * 220), rows: 1 + Math.floor(random() * 70) };
        monitor.resize(size);
      } else if (choice < 0.05) {
        monitor.takeSample(exampleSnapshot(at++));
        monitor.diagnose(() => at);
      } else if (choice < 0.055) monitor.reset();
      else if (choice < 0.06) monitor.fail("refused");
      else if (monitor.key(randomKey(random, NAMES))?.type === "quit") quits += 1;
      if (step % 10 === 0) {
        const lines = frame(monitor.stateToDraw(), size);
        expect(lines).toHaveLength(size.rows);
        for (const line of lines) {
          const text = stripVTControlCharacters(line);
          expect(text).not.toMatch(/\p{Cc}/u);
          expect(cellWidth(text)).toBeLessThanOrEqual(size.columns);
        }
      }
    }
    expect(quits).toBeGreaterThan(50);
    expect(at).toBeGreaterThan(100);
  });

  test("the lists beside the counters: each other's key, their orders, scrolling, and back to the same row", () => {
    const monitor = exampleMonitor(30, { columns: 80, rows: 14 }, undefined, { beside: () => EXAMPLE_BESIDE });
    const shown = (): State => monitor.stateToDraw();
    const type = (...names: readonly string[]): State => {
      for (const name of names) {
        expect(monitor.key({ kind: "key", name })).toBeUndefined();
        shown();
      }
      return shown();
    };
    const { selected, cursor } = type("down", "down");
    expect(type("P").screen).toBe("programs");
    const first = (): string => stripVTControlCharacters(frame(shown(), { columns: 80, rows: 14 })[4] ?? "");
    expect(first()).toContain("service0.exe");
    type("s");
    expect(first()).toContain("leaky.exe");
    type("s", "s");
    expect(first()).toContain("service9.exe");
    expect(type("end").listScroll).toBeGreaterThan(10);
    expect(type("D")).toMatchObject({ screen: "drivers", listScroll: 0 });
    expect(type("escape")).toMatchObject({ screen: "table", selected, cursor });
  });

  test("a resize keeps the selected row on screen", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 5, max: 100 }), (down, rows) => {
        const size = { columns: 60, rows };
        const state = onResize(press(example, "t", ...Array.from({ length: Math.min(down, 400) }, () => "down")), size);
        expect(frame(state, size).some((line) => line.startsWith("\u001B[0;7m▶"))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

function randomKey(random: () => number, names: readonly string[]): Key {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  if (random() < 0.1) {
    const action = pick(["click", "wheel-up", "wheel-down"] as const) ?? "click";
    return { kind: "mouse", action, column: 1 + Math.floor(random() * 220), row: 1 + Math.floor(random() * 70) };
  }
  return { kind: "key", name: pick(names) ?? "q" };
}

/** A small seeded generator (Tommy Ettinger's mulberry32, public domain): the same keys every time. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
