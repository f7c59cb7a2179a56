// collect.ps1: its C# part compiled with mono and run against the stand-in for ntdll, its text read back as a source;
// the whole script run under PowerShell 7 where it is, and parsed by a PowerShell grammar.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { RegistryError, fetchPackage } from "../scripts/node-packages.ts";
import { COLLECTOR_PROGRAM } from "../src/cli/collector/program.ts";
import { renderCollectorScript } from "../src/cli/collector/script.ts";
import { usesOf, type Snapshot } from "../src/model/snapshot.ts";
import { formatTag } from "../src/model/tag.ts";
import { openSources } from "../src/sources/open.ts";
import { buildFakeNt } from "./build/fakent.ts";

function has(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

const library = buildFakeNt();
const ready = library !== undefined && has("mcs") && has("mono");
if (!ready) console.warn("mono-mcs, mono-runtime or gcc is missing: the collector's C# part is not tested");

const HARNESS = `
public static class Program
{
    public static int Main(string[] args)
    {
        Poolscope.Collector collector = new Poolscope.Collector();
        System.Console.Out.Write("@poolscope-collector 1\\r\\n");
        try
        {
            for (int i = 0; i < int.Parse(args[0]); i++) System.Console.Out.Write(collector.Snapshot());
        }
        catch (System.InvalidOperationException error)
        {
            System.Console.Error.Write(error.Message);
            return 2;
        }
        return 0;
    }
}
`;

describe.skipIf(!ready)("the collector's C# part", () => {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-collector-"));
  const program = join(folder, "collect.exe");
  writeFileSync(join(folder, "collect.cs"), COLLECTOR_PROGRAM + HARNESS);
  // PowerShell 2.0 has the compiler of .NET 2.0: C# 2 and no later.
  if (ready) execFileSync("mcs", ["-langversion:ISO-2", "-warnaserror", `-out:${program}`, join(folder, "collect.cs")]);
  writeFileSync(`${program}.config`, `<configuration><dllmap dll="ntdll.dll" target="${library}"/></configuration>`);

  const collect = (snapshots: number, setting: string): string =>
    execFileSync("mono", [program, String(snapshots)], {
      encoding: "latin1",
      env: { ...process.env, FAKENT: setting },
      stdio: "pipe",
      maxBuffer: 1 << 28,
    });

  async function read(text: string): Promise<{ snapshots: Snapshot[]; gaps: string[] }> {
    const path = join(folder, "pool.txt");
    writeFileSync(path, text, "latin1");
    const timeline = await openSources([path]);
    const snapshots: Snapshot[] = [];
    for await (const snapshot of timeline.snapshots()) snapshots.push(snapshot);
    return { snapshots, gaps: timeline.gaps.map((gap) => gap.problem) };
  }

  it("writes what poolscope reads: every row, origin, totals, and changes that add up", async () => {
    const text = collect(65, "tags=300");
    const { snapshots, gaps } = await read(text);
    expect(gaps).toEqual([]);
    expect(snapshots).toHaveLength(65);
    expect(text.match(/^@full/gm)).toHaveLength(2);
    for (const snapshot of snapshots) expect(snapshot.columns.length).toBe(400);
    const leak = (snapshot: Snapshot | undefined) =>
      snapshot === undefined ? undefined : usesOf(snapshot.columns).find((use) => formatTag(use.tag) === "Leak");
    expect(leak(snapshots[0])).toMatchObject({ allocs: 1000, frees: 400, outstanding: 600, bytes: 57_600 });
    expect(leak(snapshots[64])).toMatchObject({ allocs: 4200, outstanding: 3800 });
    expect(snapshots[0]?.origin).toMatchObject({ source: "collector", windowsBuild: 19045, timeBasis: "measured" });
    expect(snapshots[0]?.origin.bootTime).toBe(Date.UTC(2025, 7, 18, 14, 13, 20));
    expect(snapshots[0]?.totals).toMatchObject({ physicalBytes: 2 ** 32, commitBytes: 700_000 * 4096 });
    const { surroundings } = snapshots[64] ?? {};
    expect(surroundings?.objects).toHaveLength(12);
    expect(surroundings?.live).toMatchObject({ processes: 40, threads: 320 });
    expect(surroundings?.drivers?.[3]).toEqual({
      file: "leak.sys",
      path: "\\SystemRoot\\system32\\drivers\\leak.sys",
      imageBytes: 0x13000,
    });
    // A snapshot of changes is a fraction of a full one: a tenth of the tags changes each time.
    expect(text.length).toBeLessThan(65 * 2000);
  });

  it("takes objects, drivers and the programs that stand out, and goes on where a part is refused", async () => {
    const { snapshots } = await read(collect(3, "tags=30,handles=20,events=20,drvat=2"));
    expect(snapshots.map(({ surroundings }) => surroundings?.objects?.[4]?.objects)).toEqual([5000, 5021, 5042]);
    expect(snapshots[0]?.surroundings?.programs?.programs.find(({ pid }) => pid === 4242)).toEqual({
      pid: 4242,
      name: "leaky.exe",
      started: Date.UTC(2025, 7, 18, 14, 13, 21),
      handles: 300,
      threads: 8,
      nonpagedQuota: 20_001,
      pagedQuota: 100_001,
      otherOperations: 1001,
      otherBytes: 900_000,
    });
    const refused = await read(collect(2, "tags=30,statusobj=0xC0000022,status5=0xC0000003,spoil=4"));
    expect(refused.gaps).toEqual([
      expect.stringMatching(/^objects were not collected: Windows refused access/),
      expect.stringMatching(/^processes were not collected: this system does not tell it/),
      expect.stringMatching(/^drivers were not collected: the list of drivers is laid out in a way/),
    ]);
    expect(refused.snapshots).toHaveLength(2);
  });

  it("reads the wider class of newer builds, and falls back", async () => {
    expect((await read(collect(2, "tags=30,build=28000,status255=0"))).snapshots[1]?.counterBits).toBe(64);
    expect((await read(collect(2, "tags=30,build=28000"))).snapshots[1]?.counterBits).toBe(32);
  });

  it("grows its buffer", async () => {
    expect((await read(collect(1, "tags=20000,growth=9000,growths=2"))).snapshots[0]?.columns.length).toBeGreaterThan(
      20_000,
    );
  });

  it.each([
    ["status22=0xC0000022", /refused access \(0xC0000022\); start PowerShell with 'Run as administrator'/],
    ["status22=0xC0000003", /does not tell pool tags/],
    ["forever=1", /could not answer \(NTSTATUS 0xC0000004\)/],
    ["overcount=100000000", /makes no sense/],
  ])("says what went wrong: %s", (setting, message) => {
    expect(() => collect(1, setting)).toThrow(message);
  });
});

const pwsh = [join(import.meta.dirname, "../.cache/pwsh/pwsh"), "pwsh"].find(has);
if (pwsh === undefined || library === undefined)
  console.warn(
    "PowerShell 7 is missing (dotnet tool install --tool-path .cache/pwsh PowerShell): collect.ps1 is not run",
  );

describe.skipIf(pwsh === undefined || library === undefined)("collect.ps1 under PowerShell 7", () => {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-pwsh-"));
  writeFileSync(join(folder, "collect.ps1"), renderCollectorScript());
  // .NET looks for ntdll.dll by these names beside the program and along this path.
  if (library !== undefined) symlinkSync(library, join(folder, "libntdll.dll.so"));
  const run = (setting: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } => {
    const { status, stdout, stderr } = spawnSync(
      pwsh ?? "",
      ["-NoProfile", "-NonInteractive", "-File", join(folder, "collect.ps1"), ...args],
      {
        encoding: "utf8",
        env: {
          ...process.env,
          FAKENT: setting,
          LD_LIBRARY_PATH: folder,
          COMPUTERNAME: "BENCH",
          POWERSHELL_TELEMETRY_OPTOUT: "1",
          NO_COLOR: "1",
        },
      },
    );
    return { status, stdout, stderr };
  };

  it("writes a file that is a source with everything beside its counters", async () => {
    const file = join(folder, "out.txt");
    const { status, stdout, stderr } = run("tags=40,handles=20,events=20", "-Every", "1s", "-For", "3s", "-Out", file);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/4 snapshots written to /);
    const timeline = await openSources([file]);
    const snapshots: Snapshot[] = [];
    for await (const snapshot of timeline.snapshots()) snapshots.push(snapshot);
    expect(timeline.gaps).toEqual([]);
    expect(snapshots).toHaveLength(4);
    expect(snapshots[3]?.surroundings?.objects?.[4]).toMatchObject({ type: "Event", objects: 5063 });
    expect(snapshots[3]?.surroundings?.live?.processes).toBe(40);
    expect(snapshots[3]?.surroundings?.drivers).toHaveLength(12);
  }, 60_000);

  it("-Show: a table in which the tag grows, and no file", () => {
    const { status, stdout, stderr } = run("tags=40", "-Show", "3", "-Sort", "Gained", "-Every", "1s", "-For", "2s");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.match(/rows by gained, gained in \d+ s/g)).toHaveLength(3);
    expect(stdout).toMatch(/Leak    Nonp +1100 +400 +700 +\+100 +67200 +\+9600 +96\r?\n/);
    expect(existsSync("poolscope-BENCH.txt")).toBe(false);
  }, 60_000);

  it("says in one line what went wrong", () => {
    expect(run("status22=0xC0000022", "-Out", join(folder, "no.txt"))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^collect\.ps1: Windows refused access .*administrator'\r?\n$/) as string,
    });
    expect(run("", "-Show", "3", "-Sort", "Wrong").stderr).toMatch(/-Sort Wrong: one of Diff, Bytes/);
    expect(run("", "-Every", "soon").stderr).toMatch(/-Every soon: write a number and a unit/);
  }, 60_000);
});

describe("collect.ps1", () => {
  it("is ASCII with CR LF, and ends its here-string at the start of a line", () => {
    const script = renderCollectorScript();
    expect(/^[\x20-\x7e\r\n]*$/.test(script)).toBe(true);
    expect(script.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(script.match(/^'@\r$/gm)).toHaveLength(1);
    expect(COLLECTOR_PROGRAM).not.toMatch(/^'@/m);
  });

  it("uses nothing that PowerShell 2.0 lacks", () => {
    const script = renderCollectorScript().replace(COLLECTOR_PROGRAM.replaceAll("\n", "\r\n"), "");
    expect(script).not.toMatch(
      /::new\(|\[ordered\]|\[pscustomobject\]|\$PSScriptRoot|Get-CimInstance|\bclass \w+ \{|-in \(|&&|\?\?/i,
    );
  });

  it("parses as PowerShell", async (context) => {
    let grammar: string, runtime: string;
    try {
      grammar = join(fetchPackage("tree-sitter-powershell@0.26.4"), "tree-sitter-powershell.wasm");
      runtime = pathToFileURL(join(fetchPackage("web-tree-sitter@0.27.1"), "web-tree-sitter.js")).href;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      console.warn(`collect.ps1 is not parsed: ${error.message}`);
      context.skip();
      return;
    }
    const { Language, Parser } = (await import(runtime)) as TreeSitter;
    await Parser.init();
    const parser = new Parser();
    parser.setLanguage(await Language.load(readFileSync(grammar)));
    const errors = (text: string): string[] => errorsIn(parser.parse(text).rootNode);
    expect(errors(renderCollectorScript())).toEqual([]);
    expect(errors("if ($x -eq { 3")).not.toEqual([]);
  });
});

interface SyntaxNode {
  readonly isError: boolean;
  readonly isMissing: boolean;
  readonly text: string;
  readonly startPosition: { readonly row: number };
  readonly children: readonly SyntaxNode[];
}

interface TreeSitter {
  readonly Language: { load(wasm: Uint8Array): Promise<unknown> };
  readonly Parser: {
    init(): Promise<void>;
    new (): { setLanguage(language: unknown): void; parse(text: string): { readonly rootNode: SyntaxNode } };
  };
}

function errorsIn(node: SyntaxNode): string[] {
  const own = node.isError || node.isMissing ? [`line ${node.startPosition.row + 1}: ${node.text.slice(0, 60)}`] : [];
  return [...own, ...node.children.flatMap(errorsIn)];
}
