// The ways out of `record` and `serve`: the samples of this machine into a textfile or to a receiver. Nothing here
// may cost a snapshot: what fails is told in one line, kept where it can be, and tried again.

import { UsageError, isKnownError } from "../../model/errors.ts";
import { isNewBoot } from "../../detect/series/boots.ts";
import { Backlog } from "../../fleet/ways/backlog.ts";
import { OTLP, openOtlp } from "../../fleet/ways/otlp.ts";
import { encodeRemoteWrite, REMOTE_WRITE } from "../../fleet/ways/remote-write.ts";
import { Sender, type Protocol } from "../../fleet/ways/sender.ts";
import { requireTextfileFolder, writeTextfile } from "../../fleet/ways/textfile.ts";
import { MachineMetrics, type Sample } from "../../fleet/series/machine-metrics.ts";
import { renderMetrics } from "../../fleet/series/metric-text.ts";
import { natureOf } from "../../knowledge/inbox-drivers.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { Diagnosis } from "../../model/verdict.ts";
import { openDriverLookUp } from "../driver-look-up.ts";
import { readCredentials, type CredentialOptions } from "./credentials.ts";
import type { Io } from "../io.ts";
import { loadKnowledge } from "../knowledge.ts";
import { VERSION } from "../version.ts";

export interface SendingOptions extends CredentialOptions {
  readonly textfile?: string;
  readonly remoteWrite?: string;
  readonly otlp?: string;
  readonly instance?: string;
  readonly sendEvery: number;
}

/** A receiver that hangs must not hold up the end of the program for longer. */
const SEND_TIMEOUT_MS = 10_000;

/** Tags by bytes and by blocks of each pool; the bound of docs/metrics.md. */
const TOP = 10;

interface Way {
  send(samples: readonly Sample[], snapshot: Snapshot): Promise<void>;
  /** Tries once more at the end. */
  end(): Promise<void>;
}

export class Sending {
  readonly #metrics: MachineMetrics;
  readonly #ways: readonly Way[];
  readonly #every: number;
  readonly #report: (line: string) => void;
  #next = 0;
  #snapshots = 0;
  #working: Promise<void> = Promise.resolve();
  #trouble = "";

  constructor(metrics: MachineMetrics, ways: readonly Way[], every: number, report: (line: string) => void) {
    this.#metrics = metrics;
    this.#ways = ways;
    this.#every = every;
    this.#report = report;
  }

  judged(diagnosis: Diagnosis): void {
    this.#metrics.judged(diagnosis);
  }

  /** Takes a snapshot; sends where it is time. Does not wait: a receiver that hangs must not delay the next measurement. */
  push(snapshot: Snapshot): void {
    this.#metrics.push(snapshot);
    this.#snapshots += 1;
    if (snapshot.time < this.#next && snapshot.time > this.#next - 2 * this.#every) return;
    this.#next = snapshot.time + this.#every;
    const samples = this.#metrics.samples({ up: true, snapshots: this.#snapshots });
    this.#working = this.#working.then(() => this.#send(samples, snapshot));
  }

  async #send(samples: readonly Sample[], snapshot: Snapshot): Promise<void> {
    for (const way of this.#ways)
      try {
        await way.send(samples, snapshot);
        this.#trouble = "";
      } catch (error) {
        if (!isKnownError(error)) throw error;
        if (error.message !== this.#trouble) this.#report(error.message);
        this.#trouble = error.message;
      }
  }

  async end(): Promise<void> {
    await this.#working;
    for (const way of this.#ways) await way.end();
  }
}

/** `backlog` begins the paths of what waits. Undefined where nothing is to be sent. Throws what the options have wrong, before anything is recorded. */
export async function openSending(
  backlog: string,
  options: SendingOptions,
  first: Snapshot,
  io: Io,
  report: (line: string) => void,
): Promise<Sending | undefined> {
  const ways: Way[] = [];
  const { textfile, remoteWrite, otlp } = options;
  if (textfile !== undefined) {
    requireTextfileFolder(textfile);
    ways.push({
      send: async (samples) => writeTextfile(textfile, await renderMetrics(samples)),
      end: async () => {},
    });
  }
  const instance = options.instance ?? first.origin.host ?? "unknown";
  const senderTo = (url: URL, protocol: Protocol, name: string): Sender =>
    new Sender({
      ...readCredentials(options, io),
      url,
      protocol,
      backlog: new Backlog(`${backlog}-${name}-unsent`),
      now: () => io.now(),
      report,
      timeoutMs: SEND_TIMEOUT_MS,
    });
  if (remoteWrite !== undefined) {
    const sender = senderTo(receiverUrl("--remote-write", remoteWrite), REMOTE_WRITE, "remote-write");
    const common = { job: "poolscope", instance };
    ways.push({
      send: (samples, { time }) => sender.push(time, encodeRemoteWrite(samples, time, common)),
      end: () => sender.flush(),
    });
  }
  if (otlp !== undefined) {
    const sender = senderTo(receiverUrl("--otlp", otlp), OTLP, "otlp");
    const encode = await openOtlp();
    ways.push({
      send: (samples, { time, origin }) =>
        sender.push(time, encode(samples, time, { instance, version: VERSION, origin })),
      end: () => sender.flush(),
    });
  }
  if (ways.length === 0) return undefined;
  const { knowledge } = await loadKnowledge(undefined, io);
  const lookUp = await openDriverLookUp(io, first.origin);
  const metrics = new MachineMetrics({
    version: VERSION,
    top: TOP,
    isWatched: () => false,
    isNewBoot,
    natureOf,
    ownerOf: knowledge.ownerOf,
    ...(lookUp !== undefined && { driversOf: lookUp.of }),
  });
  return new Sending(metrics, ways, options.sendEvery, report);
}

/** A receiver's address as typed. Throws UsageError for none, and for one with a password in it. */
function receiverUrl(option: string, text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError(`${option}: ${JSON.stringify(text)} is not an address that begins with http:// or https://`);
  const url = new URL(text);
  if (url.username !== "" || url.password !== "")
    throw new UsageError(
      `${option}: no user and password in an address, which every list of processes shows; give --basic-file`,
    );
  return url;
}
