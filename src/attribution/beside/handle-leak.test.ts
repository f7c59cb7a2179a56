import { describe, expect, test } from "vitest";
import type { BesideFinding } from "../../model/beside.ts";
import type { ObjectCount, Program } from "../../model/surroundings.ts";
import { formatTag } from "../../model/tag.ts";
import { makeVerdict, tagNamed } from "../../model/verdict.test-support.ts";
import type { GroupMember, Verdict } from "../../model/verdict.ts";
import { ramp, recordOf, type Moment } from "./beside.test-support.ts";
import { handleFinding } from "./handle-leak.ts";
import { windowOf } from "./window.ts";

/** Eleven hourly looks: a tenth of them is one, so that what was gained is the last value less the first. */
const LOOKS = 11;

/** Over the ten hours the tag gains 1,000 blocks. */
const evenLeak = makeVerdict({ name: "Even", blocksPerHour: 100 });

function said(moments: readonly Moment[], verdict: Verdict = evenLeak): BesideFinding | undefined {
  return handleFinding(windowOf(verdict, recordOf(moments)), formatTag);
}

interface Gains {
  readonly objects?: number;
  readonly handles?: number;
  readonly type?: string;
  readonly looks?: number;
  /** What the handles of a program gain, evenly. */
  readonly holder?: number;
}

function moments({ objects, handles = 0, type = "Event", looks = LOOKS, holder }: Gains): Moment[] {
  const share = (gain: number, i: number): number => 500 + (gain * i) / (looks - 1);
  return ramp(looks, 0, 10 / Math.max(1, looks - 1)).map((hour, i) => ({
    hour,
    objects: [{ type, ...(objects !== undefined && { objects: share(objects, i) }), handles: share(handles, i) }],
    ...(holder !== undefined && {
      programs: [
        { pid: 4, name: "calm.exe", handles: 800 },
        { pid: 9, name: "holder.exe", handles: share(holder, i) },
        { pid: 11, name: "unknown.exe" },
      ],
    }),
  }));
}

describe("objects and handles", () => {
  test("that grow together are a handle leak, held by the program whose handles grow with them", () => {
    expect(said(moments({ objects: 1000, handles: 1000, holder: 1000 }))).toEqual({
      kind: "handle-leak",
      type: "Event",
      tag: tagNamed("Even"),
      objectsGained: 1000,
      handlesGained: 1000,
      holder: { name: "holder.exe", pid: 9, gained: 1000, share: 1, correlation: expect.closeTo(1, 9) as number },
      certainty: "likely",
    });
  });

  test("must explain half of the blocks", () => {
    expect(said(moments({ objects: 500, handles: 500 }))).toMatchObject({ kind: "handle-leak", certainty: "possible" });
    expect(said(moments({ objects: 499, handles: 499 }))).toBeUndefined();
  });

  test("half a handle for each object keeps it, a tenth does not; between the two nothing is said", () => {
    const kind = (handles: number): string | undefined => said(moments({ objects: 1000, handles }))?.kind;
    expect([500, 499, 101, 100, 0, -50].map(kind)).toEqual([
      "handle-leak",
      undefined,
      undefined,
      "reference-leak",
      "reference-leak",
      "reference-leak",
    ]);
  });

  test("a reference leak is likely where lists know the type's tag, and possible by the rule of names alone", () => {
    expect(said(moments({ objects: 1000, handles: 20 }))).toEqual({
      kind: "reference-leak",
      type: "Event",
      tag: tagNamed("Even"),
      objectsGained: 1000,
      handlesGained: 20,
      certainty: "likely",
    });
    const byRule = makeVerdict({ name: "Wigd", blocksPerHour: 100 });
    expect(said(moments({ objects: 1000, type: "Wigdet" }), byRule)?.certainty).toBe("possible");
  });

  test("need four looks", () => {
    expect(said(moments({ objects: 1000, handles: 1000, looks: 4 }))).toBeDefined();
    expect(said(moments({ objects: 1000, handles: 1000, looks: 3 }))).toBeUndefined();
  });

  test("that do not grow explain nothing, even where the tag's rate is nothing", () => {
    const still = { ...evenLeak, blocksPerHour: 0 };
    expect(said(moments({ objects: 0, handles: 10 }), still)).toBeUndefined();
    expect(said(moments({ objects: 1, handles: 1 }), still)).toBeDefined();
    expect(said([], evenLeak)).toBeUndefined();
  });

  test("of a type under another tag say nothing", () => {
    expect(said(moments({ objects: 1000, handles: 1000, type: "Key" }))).toBeUndefined();
  });
});

describe("which tag they are looked for under", () => {
  const member = (name: string, ratio: number): GroupMember => ({
    tag: tagNamed(name),
    kind: "nonpaged",
    ratio,
    bytesPerHour: 1,
    heldBytes: 1,
    outstanding: 1,
    grownBytes: 1,
  });

  test("every tag of the group, by its own share of the blocks", () => {
    const group = makeVerdict({ name: "Leak", blocksPerHour: 100, group: [member("Othr", 1), member("Even", 0.5)] });
    expect(said(moments({ objects: 250, handles: 250 }), group)).toMatchObject({ tag: tagNamed("Even") });
    expect(said(moments({ objects: 249, handles: 249 }), group)).toBeUndefined();
  });

  test("also where the driver asked for protected pool", () => {
    const marked = { ...evenLeak, tag: (evenLeak.tag | 0x8000_0000) >>> 0 };
    expect(said(moments({ objects: 1000, handles: 1000 }), marked)?.kind).toBe("handle-leak");
  });
});

describe("the holder", () => {
  const holderOf = (gains: Gains): { holder?: { share: number }; certainty?: string } =>
    said(moments({ objects: 1000, handles: 1000, ...gains })) ?? {};

  test("is likely from six tenths of the handles on, named from three tenths on", () => {
    expect(holderOf({ holder: 600 })).toMatchObject({ holder: { share: 0.6 }, certainty: "likely" });
    expect(holderOf({ holder: 599 })).toMatchObject({ holder: { share: 0.599 }, certainty: "possible" });
    expect(holderOf({ holder: 300 })).toMatchObject({ holder: { share: 0.3 }, certainty: "possible" });
    expect(holderOf({ holder: 299 }).holder).toBeUndefined();
    expect(holderOf({ holder: 299 }).certainty).toBe("possible");
    expect(holderOf({}).holder).toBeUndefined();
  });

  test("has at most all of them", () => {
    expect(holderOf({ holder: 1300 })).toMatchObject({ holder: { gained: 1300, share: 1 } });
  });

  test("is not looked for where handles did not grow", () => {
    const blocks = makeVerdict({ name: "Even", blocksPerHour: 0 });
    const found = said(moments({ objects: 1, handles: 0.6, holder: 5 }), blocks);
    expect(found).toMatchObject({ holder: { gained: 5 } });
    expect(said(moments({ objects: 10, handles: 0, holder: 5 }), blocks)).not.toHaveProperty("holder");
  });

  test("is likely only where its handles follow those of the type, at .9 or more", () => {
    const wobbling = (height: number): Moment[] =>
      moments({ objects: 1000, handles: 1000, holder: 1000 }).map((moment, i) => ({
        ...moment,
        programs: (moment.programs ?? []).map((program) => ({
          ...program,
          ...(program.pid === 9 && {
            handles: (program.handles ?? 0) + (i === 0 || i === 10 ? 0 : i % 2 === 0 ? -height : height),
          }),
        })),
      }));
    expect(said(wobbling(170))).toMatchObject({ certainty: "likely" });
    expect(said(wobbling(171))).toMatchObject({ certainty: "possible", holder: { gained: 1000 } });
  });

  test("has no correlation with fewer than five lists of programs", () => {
    const lists = (count: number): Moment[] =>
      moments({ objects: 1000, handles: 1000, holder: 1000 }).map(({ programs, ...moment }, i) =>
        i < LOOKS - count ? moment : { ...moment, programs: programs ?? [] },
      );
    expect(said(lists(5))).toMatchObject({ holder: { correlation: expect.closeTo(1, 9) as number } });
    const few = said(lists(4));
    expect(few).toMatchObject({ holder: { name: "holder.exe" }, certainty: "possible" });
    expect(few).not.toHaveProperty("holder.correlation");
  });

  test("is compared with the newest count at or before each list of programs", () => {
    const squares = ramp(LOOKS, 0, 1).map((i) => 10 * i * i);
    const counted: Moment[] = squares.map((value, hour) => ({
      hour,
      objects: [{ type: "Event", objects: value, handles: value }],
    }));
    const listed = (after: number): Moment[] =>
      squares.map((value, hour) => ({
        hour: hour + after,
        programs: [{ pid: 9, name: "holder.exe", handles: value }],
      }));
    const byTime = (...lists: Moment[][]): Moment[] => lists.flat().sort((a, b) => a.hour - b.hour);
    const exact = { holder: { correlation: expect.closeTo(1, 12) as number } };
    expect(said(byTime(counted, listed(0)))).toMatchObject(exact);
    expect(said(byTime(counted, listed(0.9)))).toMatchObject(exact);
    // One list lies before the first count: that count stands for it.
    const early = said(byTime(counted, listed(-0.1)));
    const shifted = [0, 0, ...squares.slice(1, -1)];
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const [a, b] = [mean(squares), mean(shifted)];
    const products = mean(squares.map((value, i) => (value - a) * ((shifted[i] ?? 0) - b)));
    const spread = (values: readonly number[], middle: number): number =>
      Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
    expect(early).toMatchObject({
      holder: { correlation: expect.closeTo(products / (spread(squares, a) * spread(shifted, b)), 9) as number },
    });
  });
});

describe("where a source counts handles and no objects", () => {
  test("the blocks stand for the objects: half a handle for each", () => {
    expect(said(moments({ handles: 500, holder: 500 }))).toEqual({
      kind: "handle-leak",
      type: "Event",
      tag: tagNamed("Even"),
      blocksGained: 1000,
      handlesGained: 500,
      holder: { name: "holder.exe", pid: 9, gained: 500, share: 1, correlation: expect.closeTo(1, 9) as number },
      certainty: "likely",
    });
    expect(said(moments({ handles: 499 }))).toBeUndefined();
    expect(said(moments({ handles: 500 }))).not.toHaveProperty("holder");
  });

  test("two looks are a possibility, one is nothing", () => {
    const few = (looks: number) => said(moments({ handles: 1000, holder: 1000, looks }));
    expect(few(2)).toMatchObject({ kind: "handle-leak", certainty: "possible", holder: { share: 1 } });
    expect(few(1)).toBeUndefined();
  });

  test("four looks are measured, where lists know the type's tag and enough lists of programs tell a holder", () => {
    const more = (looks: number): Moment[] => {
      const counts = moments({ handles: 1000, looks });
      const lists = moments({ handles: 0, holder: 1000 }).map(({ hour, programs }) => ({
        hour: hour + 0.001,
        programs: programs ?? [],
      }));
      return [...counts, ...lists].sort((a, b) => a.hour - b.hour);
    };
    expect(said(more(4))?.certainty).toBe("likely");
    expect(said(more(3))?.certainty).toBe("possible");
    const byRule = makeVerdict({ name: "Wigd", blocksPerHour: 100 });
    expect(said(moments({ handles: 1000, holder: 1000, type: "Wigdet" }), byRule)?.certainty).toBe("possible");
  });

  test("a tag that does not gain says nothing", () => {
    expect(said(moments({ handles: 1000 }), { ...evenLeak, blocksPerHour: 0 })).toBeUndefined();
  });
});

describe("the kernel's handle table", () => {
  /** Ten pages of 256 entries an hour. */
  const table = makeVerdict({ name: "Obtb", blocksPerHour: 10 });
  const looks = (count: number, handles: number, holder?: number): Moment[] =>
    moments({ handles, objects: 0, looks: count, ...(holder !== undefined && { holder }) }).map((moment) => ({
      ...moment,
      objects: [{ type: "Key", objects: 3, handles: 9000 }, ...(moment.objects ?? [])],
    }));

  test("grows with the handles of the type that gained most: one object opened again and again", () => {
    expect(said(looks(LOOKS, 12_800, 12_800), table)).toMatchObject({
      kind: "handle-leak",
      type: "Event",
      tag: tagNamed("Obtb"),
      objectsGained: 0,
      handlesGained: 12_800,
      holder: { name: "holder.exe" },
      certainty: "likely",
    });
    expect(said(looks(LOOKS, 12_800), table)).not.toHaveProperty("holder");
  });

  test("must be explained by half: 128 entries for each page of 256", () => {
    expect(said(looks(LOOKS, 12_800), table)).toBeDefined();
    expect(said(looks(LOOKS, 12_799), table)).toBeUndefined();
  });

  test("needs four looks, and types", () => {
    expect(said(looks(4, 12_800), table)).toBeDefined();
    expect(said(looks(3, 12_800), table)).toBeUndefined();
    const none: Moment[] = ramp(LOOKS, 0, 1).map((hour) => ({ hour, objects: [] }));
    expect(said(none, table)).toBeUndefined();
  });

  test("that nothing explains does not end the search", () => {
    const group: GroupMember[] = [
      { tag: tagNamed("Even"), kind: "paged", ratio: 1, bytesPerHour: 1, heldBytes: 1, outstanding: 1, grownBytes: 1 },
    ];
    const both = { ...table, group };
    expect(said(moments({ objects: 100, handles: 100 }), both)).toMatchObject({ tag: tagNamed("Even") });
  });
});

describe("zombies", () => {
  const ended = makeVerdict({ name: "Proc", blocksPerHour: 100 });

  interface Ended {
    readonly objects: number;
    readonly live?: number;
    readonly handles?: number;
    readonly looks?: number;
    readonly type?: "Process" | "Thread";
    readonly holder?: number;
  }

  function processes({ objects, live = 0, handles = 0, looks = LOOKS, type = "Process", holder }: Ended): Moment[] {
    const list = moments({ objects, handles, looks, type, ...(holder !== undefined && { holder }) });
    return list.map((moment, i) => {
      const count = 40 + (live * i) / (looks - 1);
      const [processCount, threadCount] = type === "Process" ? [count, 7] : [7, count];
      return { ...moment, live: { processes: processCount, threads: threadCount, handles: 0 } };
    });
  }

  test("are objects that no longer live; handles say whether a program holds them", () => {
    expect(said(processes({ objects: 1000, handles: 1000, holder: 1000 }), ended)).toEqual({
      kind: "zombies",
      type: "Process",
      tag: tagNamed("Proc"),
      objects: 1500,
      live: 40,
      gained: 1000,
      handlesGained: 1000,
      byHandles: true,
      holder: { name: "holder.exe", pid: 9, gained: 1000, share: 1, correlation: expect.closeTo(1, 9) as number },
      certainty: "likely",
    });
    const free = said(processes({ objects: 1000, handles: 50, holder: 50 }), ended);
    expect(free).toMatchObject({ kind: "zombies", byHandles: false, certainty: "likely" });
    expect(free).not.toHaveProperty("holder");
    expect(said(processes({ objects: 1000, handles: 1000 }), ended)).toMatchObject({ certainty: "possible" });
  });

  test("of threads are counted against live threads", () => {
    const threads = makeVerdict({ name: "Thre", blocksPerHour: 100 });
    expect(said(processes({ objects: 1000, type: "Thread" }), threads)).toMatchObject({ type: "Thread", live: 40 });
  });

  test("what lives does not count, and the ended must explain half of the blocks", () => {
    const kind = (objects: number, live: number): string | undefined => said(processes({ objects, live }), ended)?.kind;
    expect(kind(1500, 1000)).toBe("zombies");
    expect(kind(1499, 1000)).toBe("reference-leak");
    const still = { ...ended, blocksPerHour: 0 };
    expect(said(processes({ objects: 5, live: 5 }), still)?.kind).not.toBe("zombies");
    expect(said(processes({ objects: 6, live: 5 }), still)?.kind).toBe("zombies");
  });

  test("half a handle for each holds them, a tenth does not; between the two nothing is said", () => {
    const byHandles = (handles: number): unknown => {
      const found = said(processes({ objects: 1000, handles }), ended);
      return found?.kind === "zombies" ? found.byHandles : undefined;
    };
    expect([500, 499, 101, 100].map(byHandles)).toEqual([true, undefined, undefined, false]);
  });

  test("need four looks at objects and at what lives; else they are objects as all others", () => {
    expect(said(processes({ objects: 1000, looks: 4 }), ended)?.kind).toBe("zombies");
    expect(said(processes({ objects: 1000, looks: 3 }), ended)).toBeUndefined();
    expect(said(moments({ objects: 1000, type: "Process" }), ended)?.kind).toBe("reference-leak");
    const unknown = processes({ objects: 1000 }).map(({ objects = [], ...moment }) => ({
      ...moment,
      objects: objects.map(({ type, handles }): ObjectCount => ({ type, handles })),
    }));
    expect(said(unknown, ended)).toBeUndefined();
  });
});

test("a holder that no list names has no part: programs without handle counts", () => {
  const programs: Program[] = [{ pid: 9, name: "holder.exe" }];
  const list = moments({ objects: 1000, handles: 1000 }).map((moment) => ({ ...moment, programs }));
  expect(said(list)).not.toHaveProperty("holder");
});
