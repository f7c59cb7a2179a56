import { beforeAll, describe, expect, it } from "vitest";
import { buildFakeNt } from "../../../test/build/fakent.ts";
import { AccessError, FormatError } from "../../model/errors.ts";
import { usesOf, type Snapshot } from "../../model/snapshot.ts";
import { formatTag } from "../../model/tag.ts";
import type { NativeSystem } from "./native.ts";
import { createLiveSampler, type LiveSampler } from "./sampler.ts";

const library = buildFakeNt();
if (library === undefined) {
  process.stderr.write("gcc is missing: live sampling is not tested against the stand-in for ntdll\n");
}

const TIME = 1_800_000_000_000;

describe.skipIf(library === undefined)("live sampling through the stand-in for ntdll", () => {
  let configure: (text: string) => void;
  beforeAll(async () => {
    const { default: koffi } = await import("koffi");
    const call = koffi.load(library ?? "").func("void fakent_configure(const char *text)");
    configure = (text) => {
      call(text);
    };
  });

  async function open(setting: string): Promise<LiveSampler> {
    configure(setting);
    return createLiveSampler({ library, now: () => TIME, host: "bench", env: { PROCESSOR_ARCHITECTURE: "AMD64" } });
  }

  const leak = (snapshot: Snapshot) => usesOf(snapshot.columns).find((use) => formatTag(use.tag) === "Leak");

  it("reads rows, origin and totals, and sees counters change", async () => {
    const sampler = await open("tags=300");
    const first = sampler.sample();
    const second = sampler.sample();
    expect(first.origin).toEqual({
      source: "windows-live",
      timeBasis: "measured",
      host: "bench",
      windowsBuild: 19045,
      windowsRevision: 4651,
      windowsEdition: "Professional",
      bootTime: Date.UTC(2025, 7, 18, 14, 13, 20),
      architecture: "x64",
    });
    expect(first.time).toBe(TIME);
    expect(first.counterBits).toBe(32);
    expect(first.columns.length).toBe(400);
    expect(leak(first)).toMatchObject({ kind: "nonpaged", allocs: 1000, frees: 400, outstanding: 600, bytes: 57_600 });
    expect(leak(second)).toMatchObject({ allocs: 1050, outstanding: 650 });
    expect(first.totals).toMatchObject({
      physicalBytes: 4 * 2 ** 30,
      availableBytes: 300_000 * 4096,
      commitBytes: 700_000 * 4096,
      commitLimitBytes: 1_500_000 * 4096,
      commitPeakBytes: 800_000 * 4096,
      pageFaults: 123_457,
      residentKernelBytes: 600 * 4096,
    });
    expect(first.totals.nonpagedBytes).toBeGreaterThan(57_600);
    sampler.close();
  });

  it("asks class 255 first on a build that has it, and gets counters that do not wrap", async () => {
    const sampler = await open("tags=20,status255=0,build=28000");
    const first = sampler.sample();
    expect(first.counterBits).toBe(64);
    expect(leak(first)?.outstanding).toBe(600);
    const snapshot = Array.from({ length: 60 }, () => sampler.sample()).at(-1) ?? first;
    expect(usesOf(snapshot.columns).find((use) => formatTag(use.tag) === "MmSt")?.allocs).toBeGreaterThanOrEqual(
      2 ** 32,
    );
  });

  it("falls back to class 22 where class 255 is unknown, and does not ask it on an old build", async () => {
    expect((await open("tags=20,build=28000")).sample().counterBits).toBe(32);
    expect((await open("tags=20,build=26100,status255=0")).sample().counterBits).toBe(32);
  });

  it("tells how long the machine has slept since its boot", async () => {
    const sampler = await open("tags=20,slept=2");
    const slept = Array.from({ length: 4 }, () => sampler.sample().totals.sleptMilliseconds);
    expect(slept).toEqual([0, 0, 600_000, 600_000]);
  });

  it("counts across a wrap", async () => {
    const sampler = await open("tags=20");
    const held = Array.from({ length: 200 }, () => sampler.sample()).map(
      (snapshot) => usesOf(snapshot.columns).find((use) => formatTag(use.tag) === "MmSt")?.outstanding ?? 0,
    );
    expect(Math.max(...held)).toBeLessThan(30);
  });

  it("grows its buffer while the table grows between the calls", async () => {
    const sampler = await open("tags=20000,growth=9000,growths=2");
    expect(sampler.sample().columns.length).toBeGreaterThan(20_000);
    expect((await open("tags=20000,nolength=1")).sample().columns.length).toBeGreaterThan(20_000);
  });

  it.each([
    [
      "status22=0xC0000022",
      AccessError,
      /Windows refused access \(STATUS_ACCESS_DENIED, 0xC0000022\); start the prompt/,
    ],
    ["status22=0xC0000003", AccessError, /does not tell pool tags .*; Wine never does/],
    ["status22=0xC000009A", AccessError, /no pool left/],
    ["status22=0xC0001234", AccessError, /\(NTSTATUS 0xC0001234\); look the number up/],
    ["build=28000,status255=0xC0000022", AccessError, /class 255\): Windows refused access/],
    ["forever=1", AccessError, /keeps asking for a larger buffer/],
    ["tags=10,overcount=100000000", FormatError, /answer is cut off/],
  ])("tells a person what went wrong: %s", async (setting, type, message) => {
    const sampler = await open(setting);
    expect(() => sampler.sample()).toThrow(type);
    configure(setting);
    expect(() => sampler.sample()).toThrow(message);
  });

  it("still samples where only the system figures are refused", async () => {
    const snapshot = (await open("tags=20,status0=0xC0000022,status2=0xC0000022,status3=0xC0000022")).sample();
    expect(snapshot.totals).toEqual({});
    expect(snapshot.origin.bootTime).toBeUndefined();
    expect(snapshot.columns.length).toBeGreaterThan(20);
  });

  it("names the library that cannot be used", async () => {
    await expect(createLiveSampler({ library: "/nowhere/ntdll.so" })).rejects.toThrow(
      /nowhere\/ntdll.so: no such file/,
    );
    await expect(createLiveSampler({ library: "libm.so.6" })).rejects.toThrow(/must export NtQuerySystemInformation/);
  });
});

describe("live sampling without a library", () => {
  it.skipIf(process.platform === "win32")("says that it needs Windows", async () => {
    await expect(createLiveSampler({ env: {} })).rejects.toThrow(/exist on Windows only.*poolscope demo/);
  });

  it("says what to do where koffi is missing", async () => {
    const loadFfi = () => Promise.reject(new Error("Cannot find the native Koffi module"));
    await expect(createLiveSampler({ library: "x", loadFfi })).rejects.toThrow(/cannot load the koffi addon/);
  });

  it("reads the 32-bit layout, and the paged pool's limit that only 32-bit Windows tells", async () => {
    const native: NativeSystem = {
      pointerBytes: 4,
      buildNumber: () => 7601,
      close: () => undefined,
      query(informationClass, buffer) {
        const view = new DataView(buffer.buffer);
        const put = (values: Readonly<Record<number, number>>, length: number) => {
          for (const [offset, value] of Object.entries(values)) view.setUint32(Number(offset), value, true);
          return { status: 0, length };
        };
        if (informationClass === 0) {
          return buffer.length === 44 ? put({ 8: 4096, 12: 262_144 }, 44) : { status: 0xc0000004, length: 44 };
        }
        if (informationClass === 2) return put({ 112: 1000, 160: 9000 }, 312);
        if (informationClass === 22) return put({ 0: 1, 4: 0x31676154, 20: 9, 24: 2, 28: 4096 }, 32);
        return { status: 0xc0000003, length: 0 };
      },
    };
    const snapshot = (await createLiveSampler({ native, now: () => TIME })).sample();
    expect(usesOf(snapshot.columns)).toEqual([
      { tag: 0x31676154, kind: "nonpaged", allocs: 9, frees: 2, outstanding: 7, bytes: 4096 },
    ]);
    expect(snapshot.totals).toEqual({ physicalBytes: 2 ** 30, pagedBytes: 4_096_000, pagedLimitBytes: 40_960_000 });
  });
});
