import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeLeakScenario } from "../build/etl/leak-scenario.ts";
import { writePdb } from "../build/pdb.ts";
import { parsePdb } from "../../src/formats/pdb/pdb.ts";
import { TraceWriter } from "../build/etl/trace-writer.ts";
import { runCli } from "../cli/run-cli.test-support.ts";

let folder = "";
const path = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "poolscope-etl-"));
  writeFileSync(path("pool.etl"), writeLeakScenario({ compressed: true }));
  writeFileSync(path("lossy.etl"), writeLeakScenario({ lossy: true }));
  const other = new TraceWriter({ pointerBytes: 8, processors: 1 });
  other.perfinfo(0, 20, 0x05, 0x24, new Uint8Array(24));
  writeFileSync(path("other.etl"), other.finish());
  writeFileSync(path("pool.zip"), "PK\u0003\u0004 and so on");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("poolscope stacks", () => {
  test("the headline names tag, share, place and maker", () => {
    const { code, stdout, stderr } = runCli(["stacks", path("pool.etl")]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain(
      "91 % of the growth of Toke (paged) came through acmefilter.sys+0x2f10 (Acme Storage Inc.).",
    );
    expect(stdout).toContain("ntoskrnl.exe+0x1000 < ntoskrnl.exe+0x23456 < acmefilter.sys+0x2f10");
    expect(stdout).toContain("backup.exe (1234)");
    expect(stdout).toMatch(/7 had no stack event .*; 5 name a cached stack/);
  });

  test("where something was lost, that comes first", () => {
    const { stdout } = runCli(["stacks", path("lossy.etl")]);
    expect(stdout).toMatch(/^Incomplete: 41 events lost while recording, 1 buffer lost while recording: a free may be/);
  });

  test("JSON holds every chain with its frames", () => {
    const { stdout } = runCli(["stacks", path("pool.etl"), "--json", "--tag", "Toke"]);
    const json = JSON.parse(stdout) as {
      tags: { tag: string; chains: { frames: { module: string; offset: number }[]; bytes: number }[] }[];
    };
    expect(json.tags.map((tag) => tag.tag)).toEqual(["Toke"]);
    expect(json.tags[0]?.chains).toHaveLength(4);
    expect(json.tags[0]?.chains[0]).toMatchObject({ bytes: 2000 * 0x398, outside: 2, outsideBasis: "company" });
  });

  test("folded stacks and speedscope: outermost first, weights in bytes", () => {
    const folded = runCli(["stacks", path("pool.etl"), "--format", "folded"]).stdout.split("\n");
    expect(folded[0]).toBe(
      `Toke paged;ntoskrnl.exe+0x9000;fltmgr.sys+0x4400;acmefilter.sys+0x2f10;ntoskrnl.exe+0x23456;ntoskrnl.exe+0x1000 ${2000 * 0x398}`,
    );
    const speedscope = JSON.parse(runCli(["stacks", path("pool.etl"), "--format", "speedscope"]).stdout) as {
      shared: { frames: { name: string }[] };
      profiles: { samples: number[][]; weights: number[]; endValue: number }[];
    };
    const [profile] = speedscope.profiles;
    expect(profile?.weights[0]).toBe(2000 * 0x398);
    expect(profile?.weights.reduce((sum, each) => sum + each, 0)).toBe(profile?.endValue);
    expect(profile?.samples[0]?.map((frame) => speedscope.shared.frames[frame]?.name)).toEqual(
      folded[0]
        ?.split(";")
        .slice(1)
        .map((each) => each.replace(/ \d+$/, "")),
    );
  });

  test("pprof: a gzipped protocol buffer that names its frames", () => {
    const { code, stderr } = runCli(["stacks", path("pool.etl"), "--format", "pprof", "-o", path("pool.pb.gz")]);
    expect(stderr).toContain("written to");
    expect(code).toBe(0);
    const texts = fieldsOf(gunzipSync(readFileSync(path("pool.pb.gz")))).filter(([field]) => field === 6);
    const names = texts.map(([, value]) => Buffer.from(value as Uint8Array).toString());
    expect(names[0]).toBe("");
    expect(names).toContain("acmefilter.sys+0x2f10");
    expect(names).toContain("Toke paged");
    expect(runCli(["stacks", path("pool.etl"), "--format", "pprof"]).code).toBe(2);
  });

  test("the flame graph is one page without scripts and loads nothing", () => {
    runCli(["stacks", path("pool.etl"), "--format", "html", "-o", path("pool.html")]);
    const page = readFileSync(path("pool.html"), "utf8");
    expect(page).toContain('class="box outside" title="acmefilter.sys+0x2f10, Acme Storage Inc.: 1.75 MiB, 91 %"');
    expect(page).not.toMatch(/<script|http:|https:|src=/);
  });

  test("a text report of xperf names images, and says what it cannot tell", () => {
    const rows =
      "Paged Pool\r\nImage, Tag, Alloc #, Alloc KB, Out Alloc#, Out Alloc KB\r\nacmefilter.sys, Toke, 4000, 3594, 3900, 3504\r\nntoskrnl.exe, Toke, 90, 80, 4, 4\r\n";
    for (const [name, bytes] of [
      ["report.txt", Buffer.from(rows, "latin1")],
      ["wide.txt", Buffer.from(`\uFEFF${rows}`, "utf16le")],
    ] as const) {
      writeFileSync(path(name), bytes);
      const { code, stdout } = runCli(["stacks", path(name)]);
      const text = stdout.replace(/\s+/g, " ");
      expect(text).toContain(
        "of the growth of Toke (paged) came through acmefilter.sys (maker unknown: a text report names no companies).",
      );
      expect(text).toContain("no stacks, no times, and not what was lost while recording");
      expect(code).toBe(0);
    }
  });

  test.each([
    ["other.etl", /holds no pool events: recorded without the pool keyword; `poolscope trace` shows how/],
    ["pool.zip", /a zip archive, not a trace: unpack it and name the \.etl file in it/],
    ["missing.etl", /no such file or folder/],
  ])("%s: one line and exit code 2", (name, message) => {
    const { code, stdout, stderr } = runCli(["stacks", path(name)]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

test("with the PDB that the module names, frames have function names; any other is refused", () => {
  const pdb = writePdb({
    sections: [0x1000],
    publics: [{ name: "AcmeCreate", segment: 1, offset: 0x1f00, code: true }],
  });
  const { guid, age } = parsePdb(pdb);
  const dashed = [guid.slice(0, 8), guid.slice(8, 12), guid.slice(12, 16), guid.slice(16, 20), guid.slice(20)].join(
    "-",
  );
  mkdirSync(path("symbols"));
  writeFileSync(path("symbols/acmefilter.pdb"), pdb);
  writeFileSync(path("named.etl"), writeLeakScenario({ acmePdb: { guid: dashed, age } }));
  const named = runCli(["stacks", path("named.etl"), "--symbols", path("symbols")]);
  expect(named.stdout).toContain("acmefilter.sys!AcmeCreate+0x10 (Acme Storage Inc.)");
  expect(named.stderr).toBe("");
  writeFileSync(path("other-age.etl"), writeLeakScenario({ acmePdb: { guid: dashed, age: age + 1 } }));
  const other = runCli(["stacks", path("other-age.etl"), "--symbols", path("symbols")]);
  expect(other.stdout).toContain("acmefilter.sys+0x2f10");
  expect(other.stderr).toContain("not the PDB of the acmefilter.sys in this trace");
});

test("a trace given as counters is told apart, with the commands that read it", () => {
  const { code, stderr } = runCli(["leaks", path("pool.etl")]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/an event trace \(\.etl\): it holds no counters; poolscope stacks FILE reads it/);
});

/** Top-level fields of a protocol buffer message. */
function fieldsOf(bytes: Uint8Array): [number, number | Uint8Array][] {
  const fields: [number, number | Uint8Array][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const value = varint();
    if ((key & 7) === 0) fields.push([key >>> 3, value]);
    else {
      fields.push([key >>> 3, bytes.slice(at, at + value)]);
      at += value;
    }
  }
  return fields;
}
