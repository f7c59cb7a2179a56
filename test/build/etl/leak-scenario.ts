// A trace with known answers: three chains of Toke leak, an innocent driver allocates more than all of them and frees it on
// other processors, keys are used before their definition and again for another stack, a driver is loaded anew elsewhere.

import * as payloads from "./payloads.ts";
import { TraceWriter, type TraceWriterOptions } from "./trace-writer.ts";

/** Ticks between two rounds: 1 ms at 10 MHz; the whole trace takes two seconds. */
const ROUND = 10_000;
export const ROUNDS = 2000;
const LOAD_AGAIN = 1000;

const PAGED = 1;
const NONPAGED = 0x200;

export interface Module {
  readonly name: string;
  readonly base: bigint;
  readonly bytes: number;
  readonly stamp: number;
  readonly company: string;
}

/** Bases of a 64-bit machine; for a 32-bit one the low words. */
export function modulesOf(
  p: 4 | 8,
): Readonly<Record<"nt" | "hal" | "fltmgr" | "acme" | "widget" | "ntfs" | "quiet", Module>> {
  const at = (low: number): bigint => (p === 8 ? 0xffff_f800_0000_0000n : 0n) + BigInt(low);
  const microsoft = "Microsoft Corporation";
  return {
    nt: { name: "ntoskrnl.exe", base: at(0x8100_0000), bytes: 0x80_0000, stamp: 0x5000_0001, company: microsoft },
    hal: { name: "hal.dll", base: at(0x8190_0000), bytes: 0x4_0000, stamp: 0x5000_0002, company: microsoft },
    fltmgr: { name: "FLTMGR.SYS", base: at(0x8a00_0000), bytes: 0x6_0000, stamp: 0x5000_0003, company: microsoft },
    acme: {
      name: "acmefilter.sys",
      base: at(0x8b00_0000),
      bytes: 0x1_0000,
      stamp: 0x5000_0004,
      company: "Acme Storage Inc.",
    },
    widget: { name: "Widget.sys", base: at(0x8b10_0000), bytes: 0x1_0000, stamp: 0x5000_0005, company: "Widget Ltd" },
    ntfs: { name: "Ntfs.sys", base: at(0x8c00_0000), bytes: 0x20_0000, stamp: 0x5000_0006, company: microsoft },
    quiet: { name: "quiet.sys", base: at(0x8b20_0000), bytes: 0x1_0000, stamp: 0x5000_0007, company: "Quiet GmbH" },
  };
}

/** Where acmefilter.sys lies after it was loaded again. */
const ACME_MOVED = 0x40_0000n;

export interface ScenarioOptions extends Partial<TraceWriterOptions> {
  /** Adds the version resources that a merge adds; true unless said otherwise. */
  readonly merged?: boolean;
  /** Leaves out one buffer of processor 1 and says so, and 41 lost events. */
  readonly lossy?: boolean;
  /** The PDB that acmefilter.sys names: a GUID with dashes, and an age. */
  readonly acmePdb?: { readonly guid: string; readonly age: number };
}

export interface ExpectedChain {
  /** module+offset, innermost first. */
  readonly frames: readonly string[];
  readonly allocs: number;
  readonly frees: number;
  readonly heldBytes: number;
}

/** What has to come out for Toke, by name of the chain. */
export const expected = {
  acme: {
    frames: [
      "ntoskrnl.exe+0x1000",
      "ntoskrnl.exe+0x23456",
      "acmefilter.sys+0x2f10",
      "fltmgr.sys+0x4400",
      "ntoskrnl.exe+0x9000",
    ],
    allocs: ROUNDS,
    frees: 0,
    heldBytes: ROUNDS * 0x398,
  },
  widget: {
    frames: ["ntoskrnl.exe+0x1000", "widget.sys+0x188"],
    allocs: ROUNDS / 20,
    frees: 0,
    heldBytes: (ROUNDS / 20) * 0x398,
  },
  ntfs: {
    frames: [
      "ntoskrnl.exe+0x1000",
      "ntoskrnl.exe+0x24000",
      "ntfs.sys+0x10500",
      "ntoskrnl.exe+0x9100",
      "ntoskrnl.exe+0x9200",
    ],
    allocs: ROUNDS / 25,
    frees: 0,
    heldBytes: (ROUNDS / 25) * 0x398,
  },
  quiet: {
    frames: ["ntoskrnl.exe+0x1000", "quiet.sys+0x777", "fltmgr.sys+0x4400", "ntoskrnl.exe+0x9000"],
    allocs: 3 * ROUNDS,
    frees: 3 * ROUNDS,
    heldBytes: 0,
  },
  /** Allocations of Toke without a chain. */
  noStack: 7,
  evicted: 5,
  ambiguous: 1,
  freesFromBefore: 11,
  missedFrees: 3,
} as const;

interface Step {
  readonly ticks: number;
  readonly write: () => void;
}

/** Writes the trace. With `lossy` the counts are below what `expected` says. */
export function writeLeakScenario(options: ScenarioOptions = {}): Uint8Array {
  const { merged = true, lossy = false, acmePdb, ...rest } = options;
  const writer = new TraceWriter({ pointerBytes: 8, processors: 4, ...rest });
  const p = writer.options.pointerBytes;
  const modules = modulesOf(p);
  const steps: Step[] = [];
  const at = (ticks: number, write: () => void): void => {
    steps.push({ ticks, write });
  };
  const frame = (module: Module, offset: number): bigint => module.base + BigInt(offset);
  const acmeBase = (round: number): Module =>
    round < LOAD_AGAIN ? modules.acme : { ...modules.acme, base: modules.acme.base + ACME_MOVED };
  const acme = (round: number): bigint[] => [
    frame(modules.nt, 0x1000),
    frame(modules.nt, 0x23456),
    frame(acmeBase(round), 0x2f10),
    frame(modules.fltmgr, 0x4400),
    frame(modules.nt, 0x9000),
  ];
  const widget = [frame(modules.nt, 0x1000), frame(modules.widget, 0x188)];
  const ntfs = [0x1000, 0x24000].map((each) => frame(modules.nt, each));
  ntfs.push(frame(modules.ntfs, 0x10500), frame(modules.nt, 0x9100), frame(modules.nt, 0x9200));
  const quiet = [
    frame(modules.nt, 0x1000),
    frame(modules.quiet, 0x777),
    frame(modules.fltmgr, 0x4400),
    frame(modules.nt, 0x9000),
  ];

  const block = p === 8 ? 0xffff_a000_0000_0000n : 0x9000_0000n;
  let next = 0n;
  const allocate = (ticks: number, processor: number, tag = "Toke", type = PAGED, bytes = 0x398): bigint => {
    const address = block + next++ * 0x400n;
    at(ticks, () => writer.perfinfo(processor, ticks, 0x0e, 0x20, payloads.poolPayload(p, type, tag, bytes, address)));
    return address;
  };
  const free = (ticks: number, processor: number, address: bigint, tag = "Toke", type = PAGED): void => {
    at(ticks, () => writer.perfinfo(processor, ticks, 0x0e, 0x22, payloads.poolPayload(p, type, tag, 0, address)));
  };
  const key = (ticks: number, processor: number, of: number, process: number, value: bigint): void => {
    at(ticks, () =>
      writer.perfinfo(
        processor,
        ticks,
        0x18,
        0x25,
        payloads.payload([writer.raw(of), 8], [process, 4], [8, 4], [value, p]),
      ),
    );
  };
  const stack = (ticks: number, processor: number, of: number, process: number, frames: readonly bigint[]): void => {
    at(ticks, () =>
      writer.perfinfo(processor, ticks, 0x18, 0x20, payloads.stackPayload(p, writer.raw(of), process, frames)),
    );
  };
  const define = (ticks: number, type: 0x23 | 0x24, value: bigint, frames: readonly bigint[]): void => {
    at(ticks, () => writer.perfinfo(3, ticks, 0x18, type, payloads.definitionPayload(p, value, frames)));
  };
  const loadImage = (ticks: number, type: number, module: Module): void => {
    const path = `\\SystemRoot\\System32\\drivers\\${module.name}`;
    const bytes = payloads.imagePayload(p, module.base, module.bytes, module.stamp, path);
    at(ticks, () => writer.system(0, ticks, type === 0x0a ? 0x03 : 0x14, type, bytes, 3));
  };

  at(1, () => writer.perfinfo(0, 1, 0x00, 0x20, payloads.payload([0, 4], [0x40, 4], [0, 8], [0, 8], [0, 8]), 2));
  at(2, () => writer.system(0, 2, 0x03, 0x03, payloads.processPayload(p, 1234, "backup.exe"), 4));
  for (const [index, module] of Object.values(modules).entries()) loadImage(10 + index, 0x03, module);

  const keyA = block + 0x7000_0000n;
  const keyC = block + 0x7000_1000n;
  const start = 1000;
  for (let round = 0; round < ROUNDS; round++) {
    const now = start + round * ROUND;
    // acme by key: given up at every 100th round, then the same key stands for quiet's stack for one use, and so on.
    allocate(now, 0);
    key(now + 70, 0, now, 1234, keyA);
    for (let i = 0; i < 3; i++) {
      const when = now + 500 + i * 300;
      const address = allocate(when, 1);
      if (i === 2 && round % 100 === 99) key(when + 60, 1, when, 4, keyA);
      else stack(when + 60, 1, when, 4, quiet);
      free(when + 2500, 2, address);
    }
    if (round % 100 === 99) {
      define(now + 100, 0x23, keyA, acme(round));
      define(now + 5000, 0x23, keyA, quiet);
    }
    if (round % 20 === 0) {
      const when = now + 3900;
      allocate(when, 2);
      // The user part of the same stack comes too, and does not matter.
      stack(when + 80, 2, when, 1234, widget);
      stack(when + 900, 2, when, 1234, [0x40_1000n, 0x40_2000n]);
    }
    if (round % 25 === 0) {
      const when = now + 4500;
      allocate(when, 3);
      key(when + 90, 3, when, 4, keyC);
    }
  }
  const reload = start + (LOAD_AGAIN - 1) * ROUND + 7000;
  loadImage(reload, 0x02, modules.acme);
  loadImage(reload + 100, 0x0a, acmeBase(LOAD_AGAIN));

  const end = start + ROUNDS * ROUND;
  for (let i = 0; i < expected.noStack; i++) allocate(end + i * 10, 0);
  for (let i = 0; i < expected.evicted; i++) {
    allocate(end + 200 + i * 100, 0);
    key(end + 250 + i * 100, 0, end + 200 + i * 100, 4, block + 0x7000_2000n);
  }
  // An allocation and a context switch of one processor at one instant: the stack could be of either.
  allocate(end + 1000, 1);
  at(end + 1000, () => writer.perfinfo(1, end + 1000, 0x05, 0x24, new Uint8Array(24)));
  stack(end + 1060, 1, end + 1000, 4, widget);
  for (let i = 0; i < expected.freesFromBefore; i++) free(end + 2000 + i, 3, block - 0x1000n * BigInt(i + 1));
  // The free of these is not in the trace: the same address is allocated again, and freed.
  for (let i = 0; i < expected.missedFrees; i++) {
    const when = end + 3000 + i * 400;
    const address = block + 0x6000_0000n + BigInt(i) * 0x1000n;
    for (const again of [when, when + 100]) {
      at(again, () => writer.perfinfo(0, again, 0x0e, 0x20, payloads.poolPayload(p, NONPAGED, "AcmA", 64, address)));
      stack(again + 20, 0, again, 4, widget);
    }
    free(when + 200, 1, address, "AcmA", NONPAGED);
  }
  define(end + 20_000, 0x24, keyC, ntfs);
  for (const [index, module] of Object.values(modules).entries()) {
    loadImage(end + 21_000 + index, 0x04, module.name === modules.acme.name ? acmeBase(LOAD_AGAIN) : module);
    if (!merged) continue;
    const { bytes, stamp, name, company } = module;
    const when = end + 22_000 + index;
    at(when, () =>
      writer.classic(0, when, payloads.IDENTITY_GUID, 0x40, 0, payloads.versionPayload(bytes, stamp, name, company)),
    );
  }

  if (acmePdb !== undefined) {
    const { guid, age } = acmePdb;
    for (const [index, round] of [0, LOAD_AGAIN].entries()) {
      const when = end + 23_000 + index;
      const identity = payloads.pdbPayload(p, acmeBase(round).base, guid, age, "C:\\build\\acmefilter.pdb");
      at(when, () => writer.classic(0, when, payloads.IDENTITY_GUID, 0x24, 0, identity));
    }
  }

  steps.sort((a, b) => a.ticks - b.ticks);
  const middle = start + (ROUNDS / 2) * ROUND;
  let lost = false;
  for (const step of steps) {
    step.write();
    if (lossy && !lost && step.ticks > middle) {
      writer.flush(1, true);
      writer.lose(41, 0);
      lost = true;
    }
  }
  return writer.finish();
}
