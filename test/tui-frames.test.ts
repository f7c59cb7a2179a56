// Golden frames of every screen at several sizes, and what must hold of any frame: exactly as many lines as the screen,
// none wider than it. After a wanted change: npx vitest run test/tui-frames.test.ts -u, then look at the difference.

import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { cellWidth } from "../src/reports/cells.ts";
import {
  exampleMonitor,
  exampleState,
  EXAMPLE_BESIDE,
  EXAMPLE_FACTS,
  START,
  STEP,
  tagOf,
} from "../src/tui/example.test-support.ts";
import { frame } from "../src/tui/frame.ts";
import type { Monitor } from "../src/tui/monitor.ts";
import type { Size, State } from "../src/tui/state.ts";

const SIZES: readonly Size[] = [
  { columns: 40, rows: 12 },
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
];

const SAMPLES = 60;

function press(monitor: Monitor, keys: string): State {
  const names = keys.split(" ").filter((name) => name !== "");
  for (const name of names) monitor.key({ kind: "key", name: name === "space" ? " " : name });
  return monitor.stateToDraw();
}

/** Screens by name: what was done before the frame is drawn. */
const SCREENS: Readonly<Record<string, (size: Size) => State>> = {
  waiting: (size) => exampleState(0, size),
  table: (size) => exampleState(SAMPLES, size),
  "by-bytes": (size) => press(exampleMonitor(SAMPLES, size), "b ) e down down"),
  filter: (size) => press(exampleMonitor(SAMPLES, size), "/ L * space ! L k *"),
  nothing: (size) => press(exampleMonitor(SAMPLES, size), "/ z z z z enter"),
  detail: (size) => withFacts(press(exampleMonitor(SAMPLES, size), "enter")),
  "detail-end": (size) => press(new Proxied(size).monitor, "end"),
  "detail-unknown": (size) => withFacts(press(exampleMonitor(SAMPLES, size), "b tab end enter"), true),
  help: (size) => press(exampleMonitor(SAMPLES, size), "?"),
  drivers: (size) => press(exampleMonitor(SAMPLES, size, undefined, { beside: () => EXAMPLE_BESIDE }), "D"),
  programs: (size) => press(exampleMonitor(SAMPLES, size, undefined, { beside: () => EXAMPLE_BESIDE }), "P s"),
  "programs-missing": (size) =>
    press(exampleMonitor(SAMPLES, size, undefined, { beside: () => ({ driverChanges: [] }) }), "P"),
  failure: (size) => {
    const monitor = exampleMonitor(SAMPLES, size);
    monitor.fail("cannot read pool tags (class 22): Windows refused access (STATUS_ACCESS_DENIED, 0xC0000022)");
    return press(monitor, "space");
  },
  replay: (size) => {
    const monitor = exampleMonitor(SAMPLES, size);
    monitor.setFeed({
      kind: "replay",
      speed: 60,
      name: "night.csv",
      at: 60,
      of: 600,
      from: START,
      to: START + 599 * STEP,
      ended: false,
    });
    return press(monitor, "n");
  },
};

/** A monitor whose detail is open and looked up. */
class Proxied {
  readonly monitor: Monitor;

  constructor(size: Size) {
    this.monitor = exampleMonitor(SAMPLES, size);
    this.monitor.adjust(withFacts(press(this.monitor, "enter")));
  }
}

function withFacts(state: State, bare = false): State {
  if (state.detail === undefined) throw new Error("no detail is open");
  const facts = bare ? { ...EXAMPLE_FACTS, drivers: [], knownLeaks: [], sizeClasses: [] } : EXAMPLE_FACTS;
  return { ...state, detail: { ...state.detail, facts } };
}

function checkShape(lines: readonly string[], size: Size): void {
  expect(lines).toHaveLength(size.rows);
  for (const line of lines) expect(cellWidth(stripVTControlCharacters(line))).toBeLessThanOrEqual(size.columns);
}

describe("golden frames", () => {
  for (const [name, make] of Object.entries(SCREENS)) {
    for (const size of SIZES) {
      test(`${name} at ${size.columns}x${size.rows}`, async () => {
        const lines = frame(make(size), size);
        checkShape(lines, size);
        const text = lines.map((line) => stripVTControlCharacters(line).trimEnd()).join("\n");
        await expect(`${text}\n`).toMatchFileSnapshot(`golden/tui/${name}-${size.columns}x${size.rows}.txt`);
      });
    }
  }

  test("colours and ASCII", async () => {
    const size = { columns: 80, rows: 24 };
    const colored = frame(exampleState(SAMPLES, size, { color: true, unicode: true }), size);
    await expect(`${JSON.stringify(colored, undefined, 1)}\n`).toMatchFileSnapshot("golden/tui/table-colored.json");
    const ascii = frame(exampleState(SAMPLES, size, { color: false, unicode: false }), size);
    const text = ascii.map((line) => stripVTControlCharacters(line).trimEnd()).join("\n");
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    await expect(`${text}\n`).toMatchFileSnapshot("golden/tui/table-ascii.txt");
  });
});

describe("frames of any size", () => {
  test("fit from 1x1 to 300x100", () => {
    for (const [columns, rows] of [
      [1, 1],
      [5, 3],
      [20, 5],
      [39, 9],
      [61, 17],
      [79, 18],
      [99, 25],
      [300, 100],
    ] as const) {
      const size = { columns, rows };
      for (const make of Object.values(SCREENS)) checkShape(frame(make(size), size), size);
    }
  });

  test("what the leak is stands on the first screen, at every size", () => {
    for (const size of SIZES) {
      const text = frame(exampleState(SAMPLES, size), size).join("\n");
      expect(text).toContain("LEAK");
      expect(text).toMatch(/Leak (?:nonpaged|with 1 more tag)/);
    }
    expect(tagOf("Leak")).toBe(0x6b61654c);
  });
});
