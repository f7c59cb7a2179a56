// Sends requests in order, keeps what a receiver that is down or busy did not take, and gives up what it refuses for good.
// Which answers may be tried again: Remote-Write 1.0, "Retries and backoff" (5xx and 429; 4xx must not be).

import { isKnownError } from "../../model/errors.ts";
import type { Milliseconds } from "../../model/snapshot.ts";
import { plural } from "../../model/units.ts";
import { ask, shownUrl, type Credentials } from "../http.ts";
import type { Backlog } from "./backlog.ts";

export interface SenderOptions extends Credentials {
  readonly url: URL;
  /** Headers of the protocol. */
  readonly protocol: Readonly<Record<string, string>>;
  readonly backlog: Backlog;
  readonly now: () => Milliseconds;
  /** One clear line where something changes: it fails, it is refused, it works again. */
  readonly report: (line: string) => void;
  readonly timeoutMs?: number;
}

const FIRST_WAIT: Milliseconds = 5_000;

/** A receiver that comes back is met within this. */
const LONGEST_WAIT: Milliseconds = 5 * 60_000;

/** Requests of the backlog in one go, so that the newest is not kept waiting behind a week of old ones. */
const MOST_AT_ONCE = 200;

export class Sender {
  readonly #options: SenderOptions;
  #wait: Milliseconds = 0;
  #notBefore: Milliseconds = 0;
  #busy = false;
  #trouble = "";
  /** Requests that the receiver refused for good. */
  refused = 0;
  sent = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Takes a request of a time and tries to send all that is kept. Never throws for what a receiver or a disk does. */
  async push(time: Milliseconds, body: Uint8Array): Promise<void> {
    this.#options.backlog.add(time, body);
    await this.flush();
  }

  /** Sends what is kept, oldest first, unless it is too early after a failure. */
  async flush(): Promise<void> {
    const { backlog, now } = this.#options;
    if (this.#busy || now() < this.#notBefore) return;
    this.#busy = true;
    try {
      for (let i = 0; i < MOST_AT_ONCE; i++) {
        const next = backlog.first();
        if (next === undefined || !(await this.#send(next.body))) return;
        backlog.remove(next.name);
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Whether the request is done with: taken, or refused for good. */
  async #send(body: Uint8Array): Promise<boolean> {
    const { url, protocol, timeoutMs } = this.#options;
    try {
      const question = { method: "POST" as const, headers: protocol, body, mostBytes: 64 * 1024 };
      const answer = await ask(url, { ...question, ...(timeoutMs !== undefined && { timeoutMs }) }, this.#options);
      if (answer.status >= 200 && answer.status < 300) {
        this.#worked();
        return true;
      }
      const told = `${shownUrl(url)} answered ${answer.status}${explained(answer.status, answer.body)}`;
      if (answer.status === 429 || answer.status >= 500 || answer.status === 401 || answer.status === 403) {
        this.#failed(`${told}; kept, and tried again`, answer.retryAfter);
        return false;
      }
      this.refused += 1;
      this.#wait = 0;
      this.#say(`${told}; this is final, it is not sent again`);
      return true;
    } catch (error) {
      if (!isKnownError(error)) throw error;
      this.#failed(`${error.message}; kept, and tried again`, undefined);
      return false;
    }
  }

  #worked(): void {
    this.sent += 1;
    this.#wait = 0;
    if (this.#trouble === "") return;
    const left = this.#options.backlog.length - 1;
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

  /** The same trouble is told once. */
  #say(problem: string): void {
    if (problem !== this.#trouble) this.#options.report(problem);
    this.#trouble = problem;
  }
}

/** What the answer means where receivers say it in words of their own; else its first line. */
function explained(status: number, body: string): string {
  if (/out of bounds|too old|out of order/i.test(body))
    return (
      " (samples too old for it: Prometheus takes those of the last two hours or so unless storage.tsdb.out_of_order_time_window " +
      "is set; or the clock of this machine is wrong)"
    );
  if (/too far in the future|in the future/i.test(body))
    return " (samples from the future: the clock of this machine is wrong)";
  if (status === 413) return " (the request is too large for it or for a proxy in between)";
  if (status === 404) return " (no receiver at this path; Prometheus needs --web.enable-remote-write-receiver)";
  if (status === 401 || status === 403) return " (it refuses these credentials)";
  const [line = ""] = body.trim().split("\n");
  return line === "" ? "" : `: ${line.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200)}`;
}
