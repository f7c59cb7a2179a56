// `npm run fuzz -- --seconds N --seed S`: mutated inputs through every parser. An error that is none of ours, or an input that takes
// longer than two seconds of processor time, is a failure; it is printed with what makes it again (`--only NAME --seed S --from I --inputs 1`).

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isKnownError } from "../src/model/errors.ts";
import { random } from "../bench/pool-workload.ts";
import { mutate } from "./mutate.ts";
import { parsers } from "./parsers.ts";

export interface FuzzResult {
  readonly inputs: number;
  readonly inputsPerSecond: number;
  readonly refused: number;
  /** Processor time of the slowest input. */
  readonly slowestMs: number;
  readonly slowest: string;
  readonly peakMiB: number;
  readonly byParser: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly only?: string | undefined;
  readonly from?: number | undefined;
  readonly inputs?: number | undefined;
  /** Told each failure as it is found, and every minute how far it is: a long run that is ended by hand has said what it saw. */
  readonly progress?: (line: string) => void;
}

const PROGRESS_MS = 60_000;

/** An input that takes longer than this is a hang to whoever waits. Processor time: what else the machine does is no fault of ours. */
const HANG_MS = 2000;
const MOST_FAILURES = 20;

/** Runs for some seconds, or a number of inputs. Each input depends on seed and number alone. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { seconds, seed, only, from = 0, inputs = Infinity, progress = () => {} } = options;
  const turns = parsers.filter(({ name }) => only === undefined || name === only);
  const order = turns.flatMap((parser) => Array.from({ length: parser.weight }, () => parser));
  const byParser: Record<string, number> = {};
  const failures: string[] = [];
  const fail = (failure: string): void => {
    failures.push(failure);
    progress(failure);
  };
  const started = performance.now();
  let refused = 0;
  let slowestMs = 0;
  let slowest = "";
  let told = started;
  let n = 0;
  for (; n < inputs && failures.length < MOST_FAILURES; n++) {
    const before = performance.now();
    if (before - started > seconds * 1000) break;
    if (before - told > PROGRESS_MS) {
      told = before;
      progress(`${n} inputs, ${failures.length} failures, slowest ${Math.round(slowestMs)} ms (${slowest})`);
    }
    const number = from + n;
    const next = random((seed * 1_000_003 + number) >>> 0);
    const parser = order[number % order.length];
    if (parser === undefined) break;
    const pick = (): Uint8Array => parser.seeds[Math.floor(next() * parser.seeds.length)] ?? new Uint8Array(0);
    const input = mutate(pick(), next, pick());
    const ready = process.threadCpuUsage();
    byParser[parser.name] = (byParser[parser.name] ?? 0) + 1;
    const again = `--seed ${seed} --from ${number} --inputs 1${only === undefined ? "" : ` --only ${only}`}`;
    try {
      const answer = parser.parse(input);
      if (answer instanceof Promise) await answer;
    } catch (error) {
      if (isKnownError(error)) refused += 1;
      else
        fail(`${parser.name} (${again}): ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    const used = process.threadCpuUsage(ready);
    const took = (used.user + used.system) / 1000;
    if (took > slowestMs) {
      slowestMs = took;
      slowest = `${parser.name} ${again}`;
    }
    if (took > HANG_MS)
      fail(`${parser.name} (${again}): took ${Math.round(took)} ms of processor time for ${input.length} bytes`);
  }
  return {
    inputs: n,
    inputsPerSecond: Math.round((n * 1000) / (performance.now() - started)),
    refused,
    slowestMs: Math.round(slowestMs),
    slowest,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    byParser,
    failures,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string" },
      only: { type: "string" },
      from: { type: "string" },
      inputs: { type: "string" },
    },
  });
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  const seed = number(values.seed) ?? Date.now() % 1e6;
  const result = await fuzz({
    seconds: Number(values.seconds),
    seed,
    only: values.only,
    from: number(values.from),
    inputs: number(values.inputs),
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify({ seed, ...result }, null, 2)}\n`);
  process.exitCode = result.failures.length === 0 ? 0 : 1;
}
