// Sends requests in order, keeps what a receiver that is down or busy did not take, and gives up what it refuses for good.
// Which answers may be tried again: Remote-Write 1.0, "Retries and backoff" (5xx and 429; 4xx must not be).

import { isKnownError } from "../../model/errors.ts";
import type { Milliseconds } from "../../model/snapshot.ts";
import { formatDuration, plural } from "../../model/units.ts";
import { ask, shownUrl, type Credentials, type HttpAnswer } from "../http.ts";
import type { Backlog, Waiting } from "./backlog.ts";

/** How one protocol sends. */
export interface Protocol {
  readonly headers: Readonly<Record<string, string>>;
  /** One request out of many, the oldest first. Throws for a body that is not one of the protocol. */
  readonly merge?: (bodies: readonly Uint8Array[]) => Uint8Array;
  /** What an answer of success says of data that was left out; undefined where all was taken. */
  readonly leftOut?: (answer: Uint8Array) => string | undefined;
}

export interface SenderOptions extends Credentials {
  readonly url: URL;
  readonly protocol: Protocol;
  readonly backlog: Backlog;
  readonly now: () => Milliseconds;
  /** One clear line where something changes: it fails, it is refused, it works again. */
  readonly report: (line: string) => void;
  readonly timeoutMs?: number;
}

const FIRST_WAIT: Milliseconds = 5_000;

/** A receiver that comes back is met within this. */
const LONGEST_WAIT: Milliseconds = 5 * 60_000;

/** Requests in one go, so that the newest is not kept waiting behind a week of old ones. */
const MOST_AT_ONCE = 200;

/** Kept requests that go out as one: 50 of 5 KB stay below the megabyte that proxies take. */
const MOST_TOGETHER = 50;

/** Clocks further apart are told: receivers refuse samples of the future, and windows of an hour are empty. */
const CLOCK_APART: Milliseconds = 10 * 60_000;

type Outcome = "taken" | "refused" | "later";

export class Sender {
  readonly #options: SenderOptions;
  #wait: Milliseconds = 0;
  #notBefore: Milliseconds = 0;
  #busy = false;
  #trouble = "";
  #told: Readonly<Record<"disk" | "limit" | "clock", boolean>> = { disk: false, limit: false, clock: false };
  /** So many of the oldest go out one by one, since together they were refused. */
  #alone = 0;
  /** Requests that the receiver refused for good. */
  refused = 0;
  sent = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Takes a request of a time and tries to send all that is kept. Never throws for what a receiver or a disk does. */
  async push(time: Milliseconds, body: Uint8Array): Promise<void> {
    const { backlog } = this.#options;
    const before = backlog.dropped;
    backlog.add(time, body);
    const { diskProblem, dropped, folder } = backlog;
    this.#tell(
      "disk",
      diskProblem !== undefined,
      () => `${folder} cannot be written: ${diskProblem}; what is not sent waits in memory, and is lost at the end`,
    );
    this.#tell("limit", dropped > before, () => `${folder} is full: the oldest data that was not sent is let go`);
    await this.flush();
  }

  /** Sends what is kept, oldest first, unless it is too early after a failure. */
  async flush(): Promise<void> {
    const { backlog, now, protocol } = this.#options;
    if (this.#busy || now() < this.#notBefore) return;
    this.#busy = true;
    try {
      for (let i = 0; i < MOST_AT_ONCE; i++) {
        const next = backlog.oldest(protocol.merge === undefined || this.#alone > 0 ? 1 : MOST_TOGETHER);
        if (next.length === 0) return;
        const body = this.#together(next);
        const outcome = body === undefined ? "refused" : await this.#send(body, next.length);
        if (outcome === "later") return;
        if (outcome === "refused" && next.length > 1) {
          // One that is too old makes a receiver refuse all of them.
          this.#alone = next.length;
          continue;
        }
        this.#alone = Math.max(0, this.#alone - 1);
        for (const { name } of next) backlog.remove(name);
      }
    } finally {
      this.#busy = false;
    }
  }

  /** One body; undefined for kept files that somebody damaged. */
  #together(next: readonly Waiting[]): Uint8Array | undefined {
    const { merge } = this.#options.protocol;
    const [first] = next;
    if (next.length === 1 || merge === undefined) return first?.body;
    try {
      return merge(next.map(({ body }) => body));
    } catch {
      return undefined;
    }
  }

  async #send(body: Uint8Array, requests: number): Promise<Outcome> {
    const { url, protocol, timeoutMs } = this.#options;
    try {
      const question = { method: "POST" as const, headers: protocol.headers, body, mostBytes: 64 * 1024 };
      const answer = await ask(url, { ...question, ...(timeoutMs !== undefined && { timeoutMs }) }, this.#options);
      this.#compareClocks(answer);
      return this.#understood(answer, requests);
    } catch (error) {
      if (!isKnownError(error)) throw error;
      this.#failed(`${error.message}; kept, and tried again`, undefined);
      return "later";
    }
  }

  #understood({ status, body, bytes, retryAfter }: HttpAnswer, requests: number): Outcome {
    const { url, protocol } = this.#options;
    if (status >= 200 && status < 300) {
      this.#worked(requests, protocol.leftOut?.(bytes));
      return "taken";
    }
    const told = `${shownUrl(url)} answered ${status}${explained(status, body)}`;
    if (status === 429 || status >= 500 || status === 401 || status === 403) {
      this.#failed(`${told}; kept, and tried again`, retryAfter);
      return "later";
    }
    if (requests > 1) return "refused";
    this.refused += 1;
    this.#wait = 0;
    this.#say(`${told}; this is final, it is not sent again`);
    return "refused";
  }

  #worked(requests: number, leftOut: string | undefined): void {
    this.sent += requests;
    this.#wait = 0;
    if (leftOut !== undefined) {
      this.#say(`${shownUrl(this.#options.url)} left out a part of the data: ${inOneLine(leftOut)}`);
      return;
    }
    if (this.#trouble === "") return;
    const left = this.#options.backlog.length - requests;
    this.#options.report(
      `${shownUrl(this.#options.url)} takes data again${left > 0 ? `; ${plural(left, "request")} waiting` : ""}`,
    );
    this.#trouble = "";
  }

  #failed(problem: string, retryAfterSeconds: number | undefined): void {
    this.#wait = Math.min(LONGEST_WAIT, Math.max(FIRST_WAIT, this.#wait * 2));
    const wait = retryAfterSeconds === undefined ? this.#wait : Math.min(LONGEST_WAIT, retryAfterSeconds * 1000);
    // Ten thousand machines must not come back in the same second.
    this.#notBefore = this.#options.now() + wait * (0.75 + Math.random() / 2);
    this.#say(problem);
  }

  /** Every answer of a server carries its time: a clock that is wrong by a day is seen here before anybody wonders. */
  #compareClocks({ date }: HttpAnswer): void {
    const apart = date === undefined ? 0 : this.#options.now() - date;
    this.#tell(
      "clock",
      Math.abs(apart) > CLOCK_APART,
      () =>
        `the clock of this machine is ${formatDuration(Math.abs(apart))} ${apart > 0 ? "ahead of" : "behind"} that of ` +
        `${this.#options.url.host}: its samples may be refused, or stand at the wrong time; set the clock`,
    );
  }

  /** The same trouble is told once. */
  #say(problem: string): void {
    if (problem !== this.#trouble) this.#options.report(problem);
    this.#trouble = problem;
  }

  /** Told where it begins, and again only after it has ended. */
  #tell(what: "disk" | "limit" | "clock", isSo: boolean, words: () => string): void {
    if (isSo && !this.#told[what]) this.#options.report(words());
    this.#told = { ...this.#told, [what]: isSo };
  }
}

function inOneLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

/** What the answer means where receivers say it in words of their own; else its first line. */
function explained(status: number, body: string): string {
  if (/out of order|duplicate sample/i.test(body))
    return " (samples out of order: two machines that send under one name, which --instance tells apart, or a clock that was set back)";
  if (/out of bounds|too old/i.test(body))
    return (
      " (samples too old for it: Prometheus takes those of the last two hours or so unless storage.tsdb.out_of_order_time_window " +
      "is set; or the clock of this machine is wrong)"
    );
  if (/too far in the future|in the future/i.test(body))
    return " (samples from the future: the clock of this machine is wrong)";
  if (status >= 300 && status < 400) return " (it is somewhere else; give the address that it leads to)";
  if (status === 413) return " (the request is too large for it or for a proxy in between)";
  if (status === 404) return " (no receiver at this path; Prometheus needs --web.enable-remote-write-receiver)";
  if (status === 401 || status === 403) return " (it refuses these credentials)";
  const [line = ""] = body.trim().split("\n");
  return line === "" ? "" : `: ${inOneLine(line)}`;
}
