// A target sampled again and again: stopped and read for each snapshot, attended to while it runs, and reached anew where its
// wire ended.

import { AccessError } from "../../model/errors.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { sampleKd, type OpenKd } from "./open.ts";
import type { HaltRecord } from "./session.ts";

/** What one snapshot, or the attempt at one, cost the target. */
export interface SampleCost {
  readonly halts: readonly HaltRecord[];
  readonly bytesRead: number;
  readonly stoodBefore: boolean;
  /** The last that is known of it is that it stands. */
  readonly mayStand: boolean;
}

/** What the target did by itself since the sample before. */
export interface Between {
  /** How often it stopped, and was let on. */
  readonly ownStops: number;
  /** Code of a bug check that it printed. */
  readonly bugCheck: number | undefined;
  /** Why its wire has to be opened anew. */
  readonly problem: string | undefined;
}

export interface KdSamplerOptions {
  /** Opens the wire: at the first sample, and after it ended. */
  readonly open: () => Promise<OpenKd>;
  /** As gaps name the target. */
  readonly name: string;
  readonly now: () => number;
  readonly partsText: (halts: number) => string;
  /** Hears of every attempt, also of one that failed. */
  readonly onCost: (cost: SampleCost) => void;
  /** Hears, before each attempt and at the end, where there is something to tell. */
  readonly onBetween: (between: Between) => void;
}

const NOTHING_TOLD = { ownStops: 0, bugCheck: undefined } as const;

export class KdSampler {
  readonly #options: KdSamplerOptions;
  #kd: OpenKd | undefined;
  #attending: { readonly stop: AbortController; readonly ended: Promise<Error | undefined> } | undefined;
  #sampling: Promise<Snapshot> | undefined;
  #told: { readonly ownStops: number; readonly bugCheck: number | undefined } = NOTHING_TOLD;
  #standing: AccessError | undefined;

  constructor(options: KdSamplerOptions) {
    this.#options = options;
  }

  /** One snapshot. Throws as the session does; the next one tries the wire anew where it ended. */
  async sample(): Promise<Snapshot> {
    this.#sampling ??= this.#sample().finally(() => {
      this.#sampling = undefined;
    });
    return await this.#sampling;
  }

  async #sample(): Promise<Snapshot> {
    const ended = await this.#leave();
    this.#tellBetween(ended);
    // A wire that ended while nothing was asked is reached anew at once.
    if (ended !== undefined) await this.#drop();
    const kd = (this.#kd ??= await this.#options.open());
    const { session } = kd;
    const before = { halts: session.halts.length, bytes: session.bytesRead };
    const { name, now, partsText, onCost } = this.#options;
    try {
      const snapshot = await sampleKd(kd, name, now(), partsText);
      this.#standing = undefined;
      this.#attend(kd);
      return snapshot;
    } catch (error) {
      if (session.mayStand && error instanceof AccessError) this.#standing = error;
      throw error;
    } finally {
      onCost({
        halts: session.halts.slice(before.halts),
        bytesRead: session.bytesRead - before.bytes,
        stoodBefore: session.stoodBefore && before.halts === 0,
        mayStand: session.mayStand,
      });
      if (this.#attending === undefined) await this.#drop();
    }
  }

  #attend(kd: OpenKd): void {
    const stop = new AbortController();
    const ended = kd.session.attend(stop.signal).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    this.#attending = { stop, ended };
  }

  /** Ends attending; answers why it had ended by itself. */
  async #leave(): Promise<Error | undefined> {
    const attending = this.#attending;
    this.#attending = undefined;
    attending?.stop.abort();
    return await attending?.ended;
  }

  #tellBetween(ended: Error | undefined): void {
    const session = this.#kd?.session;
    if (session === undefined) return;
    if (session.mayStand && ended instanceof AccessError) this.#standing = ended;
    const { ownStops, bugCheck } = session;
    const between = {
      ownStops: ownStops - this.#told.ownStops,
      bugCheck: bugCheck === this.#told.bugCheck ? undefined : bugCheck,
      problem: ended?.message,
    };
    this.#told = { ownStops, bugCheck };
    if (between.ownStops > 0 || between.bugCheck !== undefined || between.problem !== undefined)
      this.#options.onBetween(between);
  }

  /** Closes a wire of which nothing more is expected; what went wrong on it was told. */
  async #drop(): Promise<void> {
    const kd = this.#kd;
    this.#kd = undefined;
    this.#told = NOTHING_TOLD;
    await kd?.close().catch(() => undefined);
  }

  /**
   * Gives up what is being read, continues the target and closes the wire. Throws AccessError where the last that is known of
   * the target is that it stands.
   */
  async close(): Promise<void> {
    if (this.#sampling !== undefined) {
      this.#kd?.session.stop("the program ends");
      await this.#sampling.catch(() => undefined);
    }
    this.#tellBetween(await this.#leave());
    const kd = this.#kd;
    this.#kd = undefined;
    await kd?.close();
    if (this.#standing !== undefined) throw this.#standing;
  }
}
