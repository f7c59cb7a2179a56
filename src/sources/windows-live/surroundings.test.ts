import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { buildFakeNt } from "../../../test/build/fakent.ts";
import { PeImage } from "../../formats/pe/image.ts";
import { temporaryFolder } from "../../store/recording.test-support.ts";
import { usesOf, type Snapshot } from "../../model/snapshot.ts";
import { describeDriver, diskPath } from "./driver-files.ts";
import { createLiveSampler, type LiveSampler } from "./sampler.ts";

const library = buildFakeNt();
if (library === undefined) {
  process.stderr.write(
    "gcc is missing: what stands beside the counters is not tested against the stand-in for ntdll\n",
  );
}

const TIME = 1_800_000_000_000;

describe.skipIf(library === undefined)("beside the counters, through the stand-in for ntdll", () => {
  let configure: (text: string) => void;
  let now = TIME;
  beforeAll(async () => {
    const { default: koffi } = await import("koffi");
    const call = koffi.load(library ?? "").func("void fakent_configure(const char *text)");
    configure = (text) => {
      call(text);
      now = TIME;
    };
  });

  async function open(setting: string): Promise<LiveSampler> {
    configure(setting);
    return createLiveSampler({
      library,
      now: () => now,
      host: "bench",
      env: {},
      surroundings: { every: 5000, driversEvery: 60_000 },
    });
  }

  const after = (sampler: LiveSampler, ms: number): Snapshot => {
    now += ms;
    return sampler.sample();
  };

  it("counts processes in between where programs are wanted less often", async () => {
    configure("tags=20,procs=30,threads=3");
    const sampler = await createLiveSampler({
      library,
      now: () => now,
      host: "bench",
      env: {},
      surroundings: { every: 5000, driversEvery: 60_000, programsEvery: 60_000 },
    });
    const first = sampler.sample().surroundings;
    expect(first?.programs?.programs).toHaveLength(30);
    const between = after(sampler, 10_000).surroundings;
    expect(between).not.toHaveProperty("programs");
    expect(between?.live).toMatchObject({ processes: 30, threads: 90 });
    // A process of the stand-in opens a handle at every look.
    const opened = (between?.live?.handles ?? 0) - (first?.live?.handles ?? 0);
    expect(opened).toBeGreaterThanOrEqual(0);
    expect(opened).toBeLessThan(5);
    expect(between?.objects).toHaveLength(12);
    expect(after(sampler, 50_000).surroundings?.programs?.programs).toHaveLength(30);
  });

  it("reads object types, processes by name whatever their alignment, and drivers with stamps", async () => {
    const { surroundings, gaps } = (await open("tags=20,procs=30,threads=3")).sample();
    expect(gaps).toEqual([]);
    expect(surroundings?.objects).toHaveLength(12);
    expect(surroundings?.objects?.[2]).toEqual({
      type: "Process",
      objects: 33,
      handles: 400,
      peakObjects: 38,
      peakHandles: 405,
    });
    expect(surroundings?.live).toMatchObject({ processes: 30, threads: 90 });
    const programs = surroundings?.programs?.programs ?? [];
    expect(programs.map(({ name }) => name)).toEqual([
      "System",
      "leaky.exe",
      "watchman.exe",
      "claude.exe",
      ...Array.from({ length: 26 }, (_, i) => `svchost${String(i + 4).padStart(5, "0")}.exe`),
    ]);
    expect(programs[1]).toEqual({
      pid: 4242,
      name: "leaky.exe",
      started: Date.UTC(2025, 7, 18, 14, 13, 21),
      handles: 300,
      threads: 3,
      pagedQuota: 100_001,
      nonpagedQuota: 20_001,
      otherOperations: 1001,
      otherBytes: 900_000,
      privateBytes: 5_004_096,
      workingSet: 10_004_096,
    });
    expect(surroundings?.drivers?.slice(0, 4)).toEqual([
      { file: "ntoskrnl.exe", path: "\\SystemRoot\\system32\\ntoskrnl.exe", imageBytes: 0x10000, stamp: 0x60000000 },
      { file: "hal.dll", path: "\\SystemRoot\\system32\\hal.dll", imageBytes: 0x11000, stamp: 0x60000001 },
      { file: "afd.sys", path: "\\SystemRoot\\system32\\drivers\\afd.sys", imageBytes: 0x12000, stamp: 0x60000002 },
      { file: "leak.sys", path: "\\SystemRoot\\system32\\drivers\\leak.sys", imageBytes: 0x13000, stamp: 0x60000003 },
    ]);
  });

  it("looks as often as it is told; drivers stay the same array until one is exchanged", async () => {
    const sampler = await open("tags=20,drvat=3");
    const first = sampler.sample();
    expect(after(sampler, 1000).surroundings).toEqual({ drivers: first.surroundings?.drivers });
    expect(after(sampler, 4000).surroundings?.objects).toHaveLength(12);
    expect(after(sampler, 60_000).surroundings?.drivers).not.toBe(first.surroundings?.drivers);
    const last = after(sampler, 60_000).surroundings?.drivers;
    expect(last?.[3]).toMatchObject({ file: "leak.sys", imageBytes: 0x14000, stamp: 0x60000103 });
    expect(last?.[2]).toBe(first.surroundings?.drivers?.[2]);
    expect(after(sampler, 60_000).surroundings?.drivers).toBe(last);
  });

  it("takes class 11 where class 77 is not known, without stamps", async () => {
    const { surroundings, gaps } = (await open("tags=20,status77=0xC0000003")).sample();
    expect(surroundings?.drivers?.[3]).toEqual({
      file: "leak.sys",
      path: "\\SystemRoot\\system32\\drivers\\leak.sys",
      imageBytes: 0x13000,
    });
    expect(gaps.map(({ where }) => where)).toEqual(["loaded drivers with stamps"]);
  });

  it.each([
    ["statusobj=0xC0000022", "object and handle counts", /Windows refused access .*Run as administrator.*measured all/],
    [
      "statusobj=0xC0000003",
      "object and handle counts",
      /this system does not tell object and handle counts .*pool tags are measured/,
    ],
    ["status5=0xC0000022", "the process list", /Windows refused access/],
    ["spoil=1", "object and handle counts", /not readable here: .*no type name where one belongs/],
    ["spoil=3", "the process list", /not readable here: .*layout that is not known/],
    ["spoil=4", "object and handle counts", /cut off|layout/],
  ])("one part refused or unreadable costs that part alone, and is told once: %s", async (setting, where, problem) => {
    const sampler = await open(`tags=20,${setting}`);
    const first = sampler.sample();
    expect(first.columns.length).toBeGreaterThan(20);
    expect(first.gaps.find((gap) => gap.where === where)?.problem).toMatch(problem);
    expect(first.surroundings?.drivers).toHaveLength(12);
    expect(first.surroundings?.objects === undefined || first.surroundings.live === undefined).toBe(true);
    expect(after(sampler, 5000).gaps).toEqual([]);
  });

  it("survives names that are no UTF-16 and a hundred thousand processes", async () => {
    const odd = (await open("tags=20,spoil=2")).sample().surroundings;
    expect(odd?.programs?.programs[1]?.name).toBe("\ufffdeaky.exe");
    const many = (await open("tags=20,procs=100000,threads=0")).sample().surroundings;
    expect(many?.live?.processes).toBe(100_000);
    expect((await open("tags=20,nolength=1")).sample().surroundings?.objects).toHaveLength(12);
  });

  it.each([
    ["session=1", "all", { outstanding: 110, bytes: 10_100 }],
    ["session=1", 2, { outstanding: 60, bytes: 5100 }],
    ["session=2", 1, { outstanding: 50, bytes: 5000 }],
  ] as const)("session pools in either layout: %s, %s", async (setting, session, usse) => {
    configure(`tags=20,${setting}`);
    const sampler = await createLiveSampler({ library, now: () => now, env: {}, session });
    const { columns, origin } = sampler.sample();
    expect(origin.session).toBe(session);
    const [first] = usesOf(columns);
    expect(first).toMatchObject({ kind: "paged", outstanding: usse.outstanding, bytes: usse.bytes });
  });

  it("says where this Windows tells no session pools, and shows none of a session that is not there", async () => {
    configure("tags=20");
    const sampler = await createLiveSampler({ library, now: () => now, env: {}, session: "all" });
    expect(() => sampler.sample()).toThrow(/does not tell session pools .*leave \/s out/);
    configure("tags=20,session=1");
    const other = await createLiveSampler({ library, now: () => now, env: {}, session: 9 });
    expect(other.sample().columns.length).toBe(0);
  });

  it("measures nothing of it where it is not asked to", async () => {
    configure("tags=20");
    const sampler = await createLiveSampler({ library, now: () => now, env: {} });
    expect(sampler.sample().surroundings).toBeUndefined();
  });
});

describe("the file of a driver", () => {
  it.each([
    ["\\SystemRoot\\System32\\drivers\\a.sys", "System32/drivers/a.sys"],
    ["\\??\\C:\\x\\a.sys", "C:\\x\\a.sys"],
    ["\\Device\\HarddiskVolume3\\a.sys", undefined],
    ["a.sys", "System32/drivers/a.sys"],
  ])("%s", (path, found) => {
    const root = temporaryFolder();
    const expected = found === undefined || found.includes(":") ? found : join(root, ...found.split("/"));
    expect(diskPath(path, { SystemRoot: root })).toBe(expected);
  });

  it("tells its time where it is the image that is loaded, and nothing of another build", () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "System32", "drivers"), { recursive: true });
    const fixture = fileURLToPath(new URL("../../../test/fixtures/drivers/direct.gcc-x64.sys", import.meta.url));
    copyFileSync(fixture, join(root, "System32", "drivers", "a.sys"));
    const image = new PeImage(readFileSync(fixture));
    const stamp = image.bytes.u32(image.bytes.u32(0x3c) + 8);
    const driver = { file: "a.sys", path: "\\SystemRoot\\System32\\drivers\\a.sys", imageBytes: image.sizeOfImage };
    const described = describeDriver({ ...driver, stamp }, { SystemRoot: root });
    expect(described.fileTime).toBeGreaterThan(Date.UTC(2020, 0, 1));
    const other = { ...driver, stamp: stamp + 1 };
    expect(describeDriver(other, { SystemRoot: root })).toBe(other);
  });

  it("tells nothing where it is gone, no image, or another build than the one that is loaded", () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "System32", "drivers"), { recursive: true });
    const driver = { file: "a.sys", path: "\\SystemRoot\\System32\\drivers\\a.sys", imageBytes: 0x5000 };
    expect(describeDriver(driver, { SystemRoot: root })).toBe(driver);
    writeFileSync(join(root, "System32", "drivers", "a.sys"), "MZ no more");
    expect(describeDriver(driver, { SystemRoot: root })).toBe(driver);
  });
});
