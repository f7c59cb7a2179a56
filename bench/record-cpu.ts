// `node bench/record-cpu.ts`: the processor time of an hour of `record` at 10 s with everything on, through the stand-in for ntdll:
// samples, appends, the recorder's own judging. The hour passes on a clock of its own; what a process costs to start is left out.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SelfJudge } from "../src/cli/unattended/self-judge.ts";
import { isNewBoot } from "../src/detect/series/boots.ts";
import { createKnowledge } from "../src/knowledge/knowledge.ts";
import { createLiveSampler } from "../src/sources/windows-live/sampler.ts";
import { PROGRAMS_EVERY } from "../src/store/standing-out.ts";
import { RecordingWriter } from "../src/store/writer.ts";
import { buildFakeNt } from "../test/build/fakent.ts";
import { DAY } from "./pool-workload.ts";

const EVERY = 10_000;
const HOUR = 3_600_000;

const library = buildFakeNt();
if (library === undefined) process.stdout.write("gcc is missing: nothing was measured\n");
else
  for (const programsEvery of [EVERY, PROGRAMS_EVERY])
    process.stdout.write(
      `programs every ${programsEvery / 1000} s: ${(await hour(library, programsEvery)).join("; ")}\n`,
    );

/** What each part took of a processor, and all of them. */
async function hour(named: string, programsEvery: number): Promise<string[]> {
  process.env["FAKENT"] = "tags=4000,procs=400,threads=13,modules=250,leak=20";
  let now = DAY.start;
  const sampler = await createLiveSampler({
    library: named,
    now: () => now,
    env: {},
    surroundings: { every: EVERY, driversEvery: 60_000, programsEvery },
  });
  const folder = mkdtempSync(join(tmpdir(), "poolscope-bench-"));
  const writer = RecordingWriter.open(join(folder, "hour.pool"), { isNewBoot, now, durable: true, every: EVERY });
  const judge = new SelfJudge({ knowledge: createKnowledge(), mappedDrivers: new Map(), driversOf: () => [] });
  const spent = { sample: 0, append: 0, judge: 0 };
  const timed = <T>(part: keyof typeof spent, work: () => T): T => {
    const start = process.cpuUsage();
    const done = work();
    const { user, system } = process.cpuUsage(start);
    spent[part] += (user + system) / 1000;
    return done;
  };
  for (const end = now + HOUR; now < end; now += EVERY) {
    const snapshot = timed("sample", () => sampler.sample());
    timed("append", () => writer.append(snapshot));
    const judgement = timed("judge", () => judge.push(snapshot));
    if (judgement !== undefined) timed("judge", () => writer.addJudgement(judgement));
  }
  writer.close(now, "ended");
  sampler.close();
  rmSync(folder, { recursive: true });
  const share = (ms: number): string => `${((100 * ms) / HOUR).toFixed(3)} %`;
  const all = spent.sample + spent.append + spent.judge;
  return [...Object.entries(spent), ["all", all] as const].map(
    ([part, ms]) => `${part} ${ms.toFixed(0)} ms (${share(ms)})`,
  );
}
