// `--beside`: what other tools told, joined with a log by the times of the files, to the sentence that is shown. Each story has
// an innocent twin.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { ReportData } from "../../src/web/contract.ts";
import { besideWords } from "../../src/words/beside.ts";
import { temporaryFolder } from "../../src/store/recording.test-support.ts";
import { runCli } from "./run-cli.test-support.ts";

const START = Date.UTC(2026, 2, 1, 8);
const MINUTE = 60_000;
const COUNT = 180;
const TOOLS_EVERY = 20;

/** A log of three hours in which a tag gains 30 blocks a minute from `from` on, beside others that come and go. */
function log(tag: string, from = 0): string {
  const rows = ["time,tag,type,allocs,frees,bytes"];
  for (let i = 0; i < COUNT; i++) {
    const time = new Date(START + i * MINUTE).toISOString();
    const kept = 5000 + 30 * Math.max(0, i - from);
    rows.push(`${time},${tag},Nonp,${kept + 40 * i},${40 * i},${kept * 128}`);
    for (const [at, other] of ["Aaaa", "Bbbb", "Cccc", "Dddd"].entries()) {
      const wobble = 2000 + ((i * 37 + at * 11) % 23);
      rows.push(`${time},${other},Nonp,${wobble + 90 * i},${90 * i},${wobble * 64}`);
    }
  }
  return rows.join("\n");
}

const stampOf = (minute: number): string =>
  new Date(START + minute * MINUTE).toISOString().replace(/[-:]/g, "").replace("T", "_").slice(0, 13);

/** `handle -s` and `Get-Process` every 20 minutes; `gain` handles a minute to Event objects, by a program. */
function handleTexts(folder: string, gain: number): void {
  for (let minute = 0; minute < COUNT; minute += TOOLS_EVERY) {
    const events = 4000 + gain * minute;
    writeFileSync(
      join(folder, `handles_${stampOf(minute)}.txt`),
      `Nthandle v5.0 - Handle viewer\n\nHandle type summary:\n  Event           : ${events}\n  File            : 900\nTotal handles: ${events + 900}\n`,
    );
    const held = 300 + gain * minute;
    writeFileSync(
      join(folder, `procs_${stampOf(minute)}.csv`),
      `"Name","Id","Handles","NPM"\n"System","4","5000","0"\n"leaky","4242","${held}","9"\n"calm","5000","700","9"\n`,
    );
  }
}

function drivers(linked: string, files: readonly string[]): string {
  return files
    .map((file) =>
      [
        file,
        file,
        file,
        "Kernel ",
        "Boot",
        "Running",
        "OK",
        "TRUE",
        "FALSE",
        "0",
        "0",
        "0",
        linked,
        `C:\\Windows\\system32\\drivers\\${file}.sys`,
        "0",
      ]
        .map((cell) => `"${cell}"`)
        .join(","),
    )
    .join("\r\n");
}

function scene(tag: string, from = 0): { readonly folder: string; readonly log: string; readonly tools: string } {
  const folder = temporaryFolder();
  const tools = join(folder, "tools");
  mkdirSync(tools);
  writeFileSync(join(folder, "log.csv"), log(tag, from));
  return { folder, log: join(folder, "log.csv"), tools };
}

describe("--beside", () => {
  it("handle -s and Get-Process: who opens and does not close", () => {
    const { log: file, tools, folder } = scene("Even");
    handleTexts(tools, 30);
    const { code, stdout, stderr } = runCli(["leaks", file, "--beside", tools]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const words = stdout.replace(/\s+/g, " ");
    expect(words).toMatch(
      /Handle leak 4,800 more handles to Event objects while the tag Even gained 4,8\d\d blocks \(objects were not counted\): handles are opened and not closed\. leaky \(process 4242\) holds them: it gained 4,800 handles, 100 % of them, correlation \.99 over time\./,
    );
    const sentence = "leaky (process 4242) holds them: it gained 4,800 handles";
    const why = runCli(["why", "Even", file, "--beside", tools]).stdout.replace(/\s+/g, " ");
    expect(why).toContain(sentence);
    expect(why).toContain("Refuted by: the handles stay when that process ends");
    const report = runCli(["report", file, "--beside", tools, "-o", "-"]).stdout;
    const packed = /id="data">([^<]+)</.exec(report)?.[1] ?? "";
    const data = JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString()) as ReportData;
    const told = data.overview.diagnosis?.verdicts[0]?.attribution?.beside ?? [];
    expect(told.map((finding) => besideWords(finding).sentence).join(" ")).toContain(sentence);
    expect(data.beside?.programs?.rows[0]?.name).toBe("leaky");
    const recording = join(folder, "all.pool");
    expect(runCli(["import", recording, file, "--beside", tools]).code).toBe(0);
    expect(runCli(["leaks", recording]).stdout.replace(/\s+/g, " ")).toContain("leaky (process 4242) holds them");
    expect(runCli(["objects", recording, "--json"]).stdout).not.toContain('"objects": 0');
  });

  it("says why where there is nothing to join with", () => {
    expect(runCli(["why", "Even", "--beside", "x"]).stderr).toContain("the files are joined with a record");
    expect(runCli(["serve", "--beside", "x"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("this machine is asked itself") as string,
    });
  });

  it("its twin: handles that stay, and handles to another type than the tag's", () => {
    const { log: file, tools } = scene("Even");
    handleTexts(tools, 0);
    expect(runCli(["leaks", file, "--beside", tools]).stdout).not.toContain("process 4242");
    const other = scene("Leak");
    handleTexts(other.tools, 30);
    expect(runCli(["leaks", other.log, "--beside", other.tools]).stdout).not.toContain("Handle leak");
  });

  it("driverquery: the driver that was exchanged before the growth began, and not one that may have been exchanged after it", () => {
    const usual = ["acpi", "ndis", "tcpip"];
    const play = (minute: number, driver = "leak"): string => {
      const { log: file, tools } = scene("Leak", 90);
      const list = (is: string): string => `${drivers("5/7/2021 3:04:05 AM", usual)}\r\n${drivers(is, [driver])}`;
      writeFileSync(join(tools, `drivers_${stampOf(0)}.csv`), list("1/2/2025 1:00:00 PM"));
      writeFileSync(join(tools, `drivers_${stampOf(minute)}.csv`), list("9/9/2025 1:00:00 PM"));
      return runCli(["leaks", file, "--beside", tools]).stdout.replace(/\s+/g, " ");
    };
    expect(play(80)).toMatch(
      /leak\.sys was exchanged, linked 1\/2\/2025 for linked 9\/9\/2025, at least [^.]{1,20} before the growth began \(between 2026-03-01 08:00:00Z and 2026-03-01 09:20:00Z\)/,
    );
    expect(play(170)).not.toContain("was exchanged");
    expect(play(170, "myfault")).toMatch(
      /myfault\.sys was exchanged, .* between 2026-03-01 08:00:00Z and 2026-03-01 10:50:00Z, in which time the growth began\. It is tied to the tag that grows: the change may have brought the leak\./,
    );
  });

  it("a file that is none of these, one that is far away, several machines: one line each", () => {
    const { log: file, tools, folder } = scene("Even");
    writeFileSync(join(folder, "readme.txt"), "hello\n");
    expect(runCli(["leaks", file, "--beside", join(folder, "readme.txt")])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(
        /^poolscope: .*readme\.txt: beside: the text of no tool that is known .*handle -s.*\n$/,
      ) as string,
    });
    writeFileSync(join(tools, "procs_20250101_0800.csv"), '"Name","Id","Handles"\n"a","5","1"\n');
    expect(runCli(["leaks", file, "--beside", tools]).stdout.replace(/\s+/g, " ")).toMatch(
      /not joined: it is of 2025-01-01/,
    );
  });
});
