// The five stories end to end: played by the stand-in for ntdll through the live sampler into a recording, and judged by the
// program in a process of its own. Each has an innocent twin.

import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { isNewBoot } from "../../src/detect/series/boots.ts";
import { createLiveSampler } from "../../src/sources/windows-live/sampler.ts";
import { temporaryFolder } from "../../src/store/recording.test-support.ts";
import { RecordingWriter } from "../../src/store/writer.ts";
import { buildFakeNt } from "../build/fakent.ts";
import { runCli } from "../cli/run-cli.test-support.ts";

const library = buildFakeNt();
if (library === undefined) process.stderr.write("gcc is missing: the stories are not played into recordings\n");

const START = Date.UTC(2026, 2, 1, 8);
const EVERY = 60_000;
const TICKS = 180;

describe.skipIf(library === undefined)("the five stories out of a recording", () => {
  let configure: (text: string) => void;
  beforeAll(async () => {
    const { default: koffi } = await import("koffi");
    const call = koffi.load(library ?? "").func("void fakent_configure(const char *text)");
    configure = (text) => {
      call(text);
    };
  });

  async function record(setting: string): Promise<string> {
    configure(`tags=60,leak=0,${setting}`);
    const file = join(temporaryFolder(), "story.pool");
    let now = START;
    const sampler = await createLiveSampler({
      library,
      now: () => now,
      host: "bench",
      env: {},
      surroundings: { every: 5000, driversEvery: 60_000 },
    });
    const writer = RecordingWriter.open(file, { isNewBoot, now, program: "test" });
    for (let tick = 0; tick < TICKS; tick++, now += EVERY) writer.append(sampler.sample());
    writer.close(now, "ended");
    return file;
  }

  async function said(setting: string): Promise<string> {
    const { code, stdout, stderr } = runCli(["leaks", await record(setting)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout.replace(/\s+/g, " ");
  }

  it.each([
    [
      "a handle leak",
      "handles=20,events=20",
      /Handle leak .*leaky\.exe \(process 4242\) holds them/,
      "handles=20,leak=50",
    ],
    ["a reference leak", "files=30", /Reference leak .*a driver most likely keeps references/, "handles=20,events=20"],
    ["zombies", "zombies=5,held=1", /Zombies .*watchman\.exe \(process 4300\) holds them/, "handles=20,events=20"],
    [
      "a driver change",
      "leak=200,leakat=60,drvat=50",
      /leak\.sys was exchanged, build 60000003 for build 60000103/,
      "leak=200,leakat=60,drvat=110",
    ],
    ["an amplifier", "amp=40", /Triggered by .*claude\.exe \(process 5000\): correlation \.99/, "leak=200,busy=7"],
  ])(
    "%s and its twin",
    async (_, guilty, sentence, innocent) => {
      expect(await said(guilty)).toMatch(sentence);
      expect(await said(innocent)).not.toMatch(sentence);
    },
    60_000,
  );

  it("info and leaks --json list the change of a driver and the programs", async () => {
    const file = await record("leak=200,leakat=60,drvat=110");
    expect(runCli(["info", file]).stdout).toMatch(
      /^beside the counters: 12 object types, \d+ programs, 1 change of drivers\n +2026-03-01 09:\d\d:00Z +leak\.sys was exchanged, build 60000003 for build 60000103$/m,
    );
    const json: unknown = JSON.parse(runCli(["leaks", file, "--json"]).stdout);
    expect(json).toMatchObject({ beside: { driverChanges: [{ file: "leak.sys", before: { stamp: 0x60000003 } }] } });
    expect(json).toHaveProperty("beside.programs.0.handles");
    const replay = runCli(["live", "--replay", file, "--once"]);
    expect(replay.code).toBe(0);
  }, 60_000);
});
