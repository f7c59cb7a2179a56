import { describe, expect, test } from "vitest";
import { expected, writeLeakScenario, type ScenarioOptions } from "../../test/build/etl/leak-scenario.ts";
import { START_TIME } from "../../test/build/etl/trace-writer.ts";
import { bytesSource } from "../formats/crash-dump/source.ts";
import type { CallChain, PoolTrace, TracedTag } from "../model/stacks.ts";
import { parseTag } from "../model/tag.ts";
import { readPoolTrace } from "./pool-trace.ts";

const read = (options: ScenarioOptions = {}): PoolTrace =>
  readPoolTrace(bytesSource(writeLeakScenario(options)), { isWindowsModule });
const isWindowsModule = (module: string): boolean => ["ntfs.sys", "fltmgr.sys"].includes(module);

function tagOf(trace: PoolTrace, name: string): TracedTag {
  const found = trace.tags.find((tag) => tag.tag === parseTag(name));
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function texts(chain: CallChain): string[] {
  return chain.frames.map((frame) => `${frame.module ?? frame.address}+0x${frame.offset.toString(16)}`);
}

function chainOf(tag: TracedTag, frames: readonly string[]): CallChain {
  const found = tag.chains.find((chain) => texts(chain).join() === frames.join());
  if (found === undefined) throw new Error(`no chain ${frames.join()} among\n${tag.chains.map(texts).join("\n")}`);
  return found;
}

describe.each([
  ["64-bit", {}],
  ["32-bit", { pointerBytes: 4 }],
  ["compressed", { compressed: true }],
  ["with one large buffer each", { bufferBytes: 2 ** 20 }],
  ["system time as clock", { clock: 2 }],
  ["processor cycles as clock", { clock: 3, ticksPerSecond: 10_000_000 }],
] as const)("a leak of known chains, %s", (_, options) => {
  const trace = read(options);
  const toke = tagOf(trace, "Toke");

  test.each(["acme", "widget", "ntfs", "quiet"] as const)("%s: counts and bytes held", (name) => {
    const { frames, allocs, frees, heldBytes } = expected[name];
    expect(chainOf(toke, frames)).toMatchObject({ allocs, frees, bytes: heldBytes, outstanding: allocs - frees });
  });

  test("nothing else has a chain, and what has none is counted by its reason", () => {
    expect(toke.chains).toHaveLength(4);
    expect(toke.withoutStack.noStack.allocs).toBe(expected.noStack);
    expect(toke.withoutStack.evicted.allocs).toBe(expected.evicted);
    expect(toke.withoutStack.ambiguous.allocs).toBe(expected.ambiguous);
    expect(toke.freesFromBefore).toBe(expected.freesFromBefore);
    const parts = [...toke.chains, ...Object.values(toke.withoutStack)];
    expect(parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(toke.bytes);
    expect(parts.reduce((sum, part) => sum + part.allocs, 0)).toBe(toke.allocs);
  });

  test("both answers of a chain: who allocates, and who is outside Windows", () => {
    const acme = chainOf(toke, expected.acme.frames);
    expect(acme).toMatchObject({ allocating: 2, outside: 2, outsideBasis: "company" });
    expect(acme.frames[2]?.company).toBe("Acme Storage Inc.");
    const ntfs = chainOf(toke, expected.ntfs.frames);
    expect(ntfs.allocating).toBe(2);
    expect(ntfs.outside).toBeUndefined();
  });

  test("an address allocated again counts neither as freed nor as held", () => {
    const acma = tagOf(trace, "AcmA");
    expect(acma).toMatchObject({ kind: "nonpaged", allocs: 6, frees: 3, outstanding: 0, missedFrees: 3, bytes: 0 });
  });

  test("processes by name, and when what is held was allocated", () => {
    const acme = chainOf(toke, expected.acme.frames);
    expect(acme.processes).toEqual([
      { process: 1234, name: "backup.exe", outstanding: 2000, bytes: expected.acme.heldBytes },
    ]);
    expect(acme.heldBySlice.reduce((sum, bytes) => sum + bytes, 0)).toBe(expected.acme.heldBytes);
    for (const bytes of acme.heldBySlice) expect(bytes / expected.acme.heldBytes).toBeCloseTo(1 / 8, 1);
    expect(acme.oldestMilliseconds).toBeGreaterThan(1990);
  });

  test("when, what and how much was lost", () => {
    expect(trace.windowsBuild).toBe(19045);
    expect(trace.from).toBeGreaterThanOrEqual(START_TIME);
    expect(trace.from).toBeLessThan(START_TIME + 2);
    expect(trace.milliseconds).toBeGreaterThan(2000);
    expect(trace.milliseconds).toBeLessThan(2010);
    expect(trace.loss).toMatchObject({ eventsLost: 0, buffersLost: 0, cut: false, unclosed: false });
    expect(trace.gaps).toEqual([]);
  });
});

test("without a merge nobody is known by company, and the basis says so", () => {
  const trace = read({ merged: false });
  expect(trace.hasVersions).toBe(false);
  expect(chainOf(tagOf(trace, "Toke"), expected.acme.frames)).toMatchObject({ outside: 2, outsideBasis: "name" });
  expect(chainOf(tagOf(trace, "Toke"), expected.ntfs.frames).outside).toBeUndefined();
});

test("a lost buffer costs its events and is told; no chain gets anything that is not its own", () => {
  const trace = read({ lossy: true });
  expect(trace.loss).toMatchObject({ eventsLost: 41, buffersLost: 1 });
  const toke = tagOf(trace, "Toke");
  for (const name of ["acme", "widget", "ntfs", "quiet"] as const) {
    expect(chainOf(toke, expected[name].frames).allocs).toBeLessThanOrEqual(expected[name].allocs);
  }
  expect(chainOf(toke, expected.acme.frames).bytes).toBe(expected.acme.heldBytes);
  expect(chainOf(toke, expected.quiet.frames).allocs).toBeLessThan(expected.quiet.allocs);
});
