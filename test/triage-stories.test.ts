// Public stories with one or two snapshots, rebuilt from the numbers that were published (docs/knowledge.md has the sources): the
// right case is named, or the tag is said to be unknown; nothing that no model looked at is called steady, ok or free of leaks.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCli } from "./cli/run-cli.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-stories-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Row = readonly [tag: string, pool: "Nonp" | "Paged", allocs: number, frees: number, bytes: number];

/** An ordinary machine: 400 rows, nine of ten allocations freed. */
const ordinary = (times = 1): readonly Row[] =>
  Array.from({ length: 400 }, (_, i) => {
    const blocks = 300 + i * 211 + (i % 7);
    const allocs = blocks * 10 * times;
    return [`o${String(i).padStart(3, "0")}`, i % 2 === 0 ? "Paged" : "Nonp", allocs, allocs - blocks, blocks * 100];
  });

function listing(name: string, rows: readonly Row[]): string {
  const path = join(folder, name);
  const text = rows.map(([tag, pool, allocs, frees, bytes]) => {
    const blocks = allocs - frees;
    return ` ${tag} ${pool} ${allocs} ${frees} ${blocks} ${Math.round(bytes)} ${Math.floor(bytes / Math.max(1, blocks))}`;
  });
  writeFileSync(
    path,
    ` Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\n\n${text.join("\n")}\n`,
  );
  return path;
}

const UNJUDGED = /\bsteady\b|\bok\b|no leak found/i;
const GIB = 2 ** 30;
/** One line, so that a wrapped sentence can be matched. */
const flat = (text: string): string => text.replace(/\s+/g, " ");

describe("one snapshot", () => {
  const stories: readonly (readonly [string, readonly Row[], readonly RegExp[]])[] = [
    [
      "host tokens",
      [["Toke", "Paged", 3_700_000, 0, 7.2 * GIB]],
      [
        /Toke in paged pool HELD, NOT FREED 7\.20 GiB Holds .* 3,700,000 allocations and 0 frees/,
        /Pattern a pattern seen with development tools/,
      ],
    ],
    [
      "wcifs, static",
      [["NtFC", "Nonp", 233_000_000, 232, 20.9 * GIB]],
      [/NtFC in nonpaged pool HELD, NOT FREED .* 233,000,000 allocations and 232 frees/, /WSL 2 hosts \(unresolved/],
    ],
    [
      "wcifs, 874 of each",
      (["WCsc", "WCfc", "WCse", "WCri"] as const).map((tag): Row => [tag, "Paged", 874, 0, 874 * 128]),
      [
        /wcifs\.sys: .* with 3 more tags in paged pool HELD, NOT FREED .* 874 allocations and 0 frees/,
        /Known wcifs\.sys/,
      ],
    ],
    [
      "amdacpbus",
      [
        ["amda", "Nonp", 5_768_754, 0, 1_938_325_232],
        ["IoWI", "Nonp", 5_769_999, 0, 646_239_888],
      ],
      [/amda with IoWI in nonpaged pool HELD, NOT FREED 2\.41 GiB/, /Known amdacpbus\.sys/],
    ],
    [
      "packaged program's AppData",
      [["NtFC", "Nonp", 12_000_000, 400, 12_000_000 * 128]],
      [/NtFC .* 12,000,000 allocations and 400 frees/, /seen with a packaged \(MSIX\) program/],
    ],
    [
      "event trace session",
      [
        ["EtwD", "Paged", 2_000_000, 10, 3 * GIB],
        ["Etwr", "Nonp", 2_000_000, 10, 0.5 * GIB],
      ],
      [/EtwD with Etwr/, /NVIDIA-NVTOPPS-FILTER/],
    ],
    [
      "a tag that nobody lists",
      [["zQ7x", "Nonp", 800_000, 3, 2 * GIB]],
      [
        /zQ7x in nonpaged pool HELD, NOT FREED .* 800,000 allocations and 3 frees/,
        /Which driver uses this tag is not known here/,
        /poolscope tag zQ7x/,
      ],
    ],
  ];

  test.each(stories)("%s", (name, rows, expected) => {
    const file = listing(`${name.replace(/\W+/g, "-")}-2026-11-20_10-00-00.txt`, [...ordinary(), ...rows]);
    for (const command of ["snapshot", "leaks"]) {
      const { stdout, code } = runCli([command, file]);
      for (const words of expected) expect(flat(stdout), command).toMatch(words);
      expect(stdout, command).not.toMatch(UNJUDGED);
      expect(code).toBe(0);
    }
  });
});

test("two snapshots five days apart: wcifs is named, with what the next snapshot decides; the gate is undecided", () => {
  const contexts = (blocks: number): readonly Row[] => [
    ...(["WCsc", "WCfc", "WCse", "WCri"] as const).map((tag): Row => [
      tag,
      "Paged",
      blocks + 720,
      Math.round(blocks / 10_000),
      blocks * 128,
    ]),
    ["File", "Nonp", 900_000 + blocks * 1.1, 800_000 + blocks * 0.1, (100_000 + blocks) * 400],
  ];
  const before = listing("before-2026-11-20_10-00-00.txt", [...ordinary(), ...contexts(10_000)]);
  const after = listing("after-2026-11-25_10-00-00.txt", [...ordinary(2), ...contexts(7_210_000)]);
  for (const command of ["diff", "leaks"]) {
    const { stdout } = runCli([command, before, after]);
    expect(flat(stdout)).toMatch(
      /1\. wcifs\.sys: WC.. with 4 more tags in paged pool HELD, NOT FREED .* Gained 7,199,28\d more blocks/,
    );
    expect(flat(stdout)).toMatch(
      /at 2026-11-30 10:00:00Z \(5 days after the last\): if WC.. is above 12,9\d\d,\d{3} blocks then, it leaks/,
    );
    expect(stdout).not.toMatch(UNJUDGED);
  }
  const gate = runCli(["check", before, after]);
  expect(gate.code).toBe(2);
  expect(gate.stdout).not.toMatch(UNJUDGED);
});

test("six snapshots of steady growth: the rate with its spread, and that it is not proven", () => {
  const files = Array.from({ length: 6 }, (_, i) =>
    listing(`six-2026-11-20_1${i}-00-00.txt`, [
      ...ordinary(i + 1),
      ["Acme", "Nonp", 100_000 + i * 50_000, 50_000, 50_000 * 1048 * (1 + i)],
    ]),
  );
  const { stdout } = runCli(["leaks", ...files]);
  expect(flat(stdout)).toMatch(/Acme in nonpaged pool: grew, not freed: 250,000 more blocks/);
  expect(flat(stdout)).toMatch(/it rose in 5 of 5 steps/);
  expect(stdout).not.toMatch(UNJUDGED);
});
