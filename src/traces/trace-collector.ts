// Takes the records of a trace one by one and keeps what pool stacks need: images, processes, blocks that live, and counts per
// site. A site is one tag with one stack while the same modules are loaded. `summary.ts` makes the answer of it.

import { GROUP } from "../formats/etl/event-groups.ts";
import { parseIdentityEvent } from "../formats/etl/identity-events.ts";
import { parseImageEvent } from "../formats/etl/image-events.ts";
import { emptyPoolEvent, parsePoolEvent } from "../formats/etl/pool-events.ts";
import { parseProcessEvent } from "../formats/etl/process-events.ts";
import type { RecordReader } from "../formats/etl/records.ts";
import * as stackEvents from "../formats/etl/stack-events.ts";
import { KernelImages } from "./kernel-images.ts";
import { KeyTable } from "./key-table.ts";
import { LiveBlocks, NO_BLOCK } from "./live-blocks.ts";
import { NO_EVENT, PendingEvents } from "./pending-events.ts";
import { StackTable } from "./stack-table.ts";

/** Sites and tags that are kept; beyond them allocations are counted under the tag alone. */
const MOST_SITES = 1_000_000;
const MOST_TAGS = 65_536;
const MOST_PROCESS_NAMES = 100_000;

/** Live load 0A is a process type of the image provider. */
const LIVE_LOAD = 0x0a;
/** In group 00: the group masks of the session, before and after a merge. */
const GROUP_MASKS = [0x05, 0x20];
/** PERF_POOL: bit 40 of mask word 1. */
const POOL_MASK = 0x40;

/** References of sites beyond those of the stack table. */
export const AMBIGUOUS = -2;
export const NO_STACK = -1;
const REFERENCE_SHIFT = 2;

/** States of a block whose stack has not come yet. */
const WAITING = -1;
const FREED_WAITING = -2;
const REPLACED_WAITING = -3;

export class TraceCollector {
  readonly images = new KernelImages();
  readonly stacks = new StackTable();
  readonly blocks = new LiveBlocks();
  readonly tags = new KeyTable();
  readonly sites = new KeyTable();
  readonly processNames = new Map<number, string>();
  /** Per site. */
  readonly allocs: number[] = [];
  readonly allocBytes: number[] = [];
  readonly frees: number[] = [];
  /** Per tag. */
  readonly freesFromBefore: number[] = [];
  readonly missedFrees: number[] = [];
  /** Time at which an image epoch began; epoch 0 has no beginning. */
  readonly epochs: number[] = [-Infinity];

  poolEvents = 0;
  rundownEvents = 0;
  lostMarkers = 0;
  /** Allocations that could not be followed because too many blocks were alive. */
  unfollowed = 0;
  firstTicks = Number.NaN;
  lastTicks = 0;
  /** Whether the session had pool events switched on; undefined where the trace does not say. */
  poolEnabled: boolean | undefined;

  readonly #pending: PendingEvents;
  readonly #event = emptyPoolEvent();
  readonly #frames = stackEvents.emptyFrames();

  constructor(ticksPerSecond: number) {
    this.#pending = new PendingEvents(ticksPerSecond, (slot, ambiguous) => {
      this.#settle(slot, ambiguous ? AMBIGUOUS : NO_STACK);
    });
  }

  /** One record; they come in the order of time. */
  readonly take = (record: RecordReader): void => {
    const { group } = record;
    if (record.kernel) {
      if (Number.isNaN(this.firstTicks)) this.firstTicks = record.ticks;
      this.lastTicks = record.ticks;
      if (group === GROUP.stack) {
        this.#takeStack(record);
        return;
      }
      this.#pending.pass(record.processor, record.ticks);
    }
    if (group === GROUP.pool) this.#takePool(record);
    else if (group === GROUP.stack) this.#takeStack(record);
    else if (group === GROUP.image || (group === GROUP.process && record.type === LIVE_LOAD)) this.#takeImage(record);
    else if (group === GROUP.process) this.#takeProcess(record);
    else if (group === GROUP.identity) {
      const identity = parseIdentityEvent(record);
      if (identity !== undefined) this.images.identify(identity);
    } else if (group === GROUP.lost) this.lostMarkers += 1;
    else if (group === GROUP.header && GROUP_MASKS.includes(record.type) && record.kernel) {
      this.poolEnabled = this.poolEnabled === true || (record.u32(4) & POOL_MASK) !== 0;
    }
  };

  /** To be called after the last record: events that still wait get no stack. */
  finish(): void {
    this.#pending.finish();
  }

  /** The tag number of a site, its reference, and the time for look-ups of its frames. */
  siteOf(site: number): { readonly tag: number; readonly reference: number; readonly epoch: number } {
    return {
      tag: this.sites.word(site, 0),
      reference: this.sites.word(site, 1) - REFERENCE_SHIFT,
      epoch: this.sites.word(site, 2),
    };
  }

  #takePool(record: RecordReader): void {
    const event = this.#event;
    if (!parsePoolEvent(record, event)) {
      this.rundownEvents += 1;
      return;
    }
    this.poolEvents += 1;
    const tag = this.#tag(event.tag, event.paged);
    const known = this.blocks.find(event.addressLow, event.addressHigh, event.session);
    if (event.isFree) {
      if (known === NO_BLOCK) this.freesFromBefore[tag] = (this.freesFromBefore[tag] ?? 0) + 1;
      else this.#free(known);
      return;
    }
    if (known !== NO_BLOCK) this.#replace(known);
    if (this.blocks.isFull) {
      this.unfollowed += 1;
      return;
    }
    const { blocks } = this;
    const slot = blocks.insert(event.addressLow, event.addressHigh, event.session);
    blocks.bytes[slot] = event.bytes;
    blocks.ticks[slot] = record.ticks;
    blocks.tag[slot] = tag;
    blocks.epoch[slot] = this.epochs.length - 1;
    blocks.site[slot] = WAITING;
    blocks.process[slot] = record.process ?? 0xffff_ffff;
    this.#pending.add(record.processor, record.ticks, slot);
  }

  #takeStack(record: RecordReader): void {
    const { type } = record;
    if (type === stackEvents.KERNEL_KEY) {
      const slot = this.#pending.take(record.processor, stackEvents.eventTicksOf(record));
      if (slot === NO_EVENT) return;
      this.blocks.process[slot] = stackEvents.processOf(record);
      const at = stackEvents.keyOffset(record);
      this.#settle(slot, this.stacks.ofKey(record.u32(at), record.pointerBytes === 8 ? record.u32(at + 4) : 0));
    } else if (type === stackEvents.STACK) {
      stackEvents.parseKernelFrames(record, this.#frames);
      if (this.#frames.count === 0) return;
      const slot = this.#pending.take(record.processor, stackEvents.eventTicksOf(record));
      if (slot === NO_EVENT) return;
      this.blocks.process[slot] = stackEvents.processOf(record);
      this.#settle(slot, this.stacks.ofFrames(this.#frames));
    } else if (type >= stackEvents.KEY_CREATED && type <= stackEvents.KEY_RUNDOWN) {
      stackEvents.parseKernelFrames(record, this.#frames);
      this.stacks.define(record.u32(0), record.pointerBytes === 8 ? record.u32(4) : 0, this.#frames);
    }
  }

  #takeImage(record: RecordReader): void {
    const event = parseImageEvent(record);
    if (event !== undefined && this.images.take(event, record.ticks)) this.epochs.push(record.ticks);
  }

  #takeProcess(record: RecordReader): void {
    const event = parseProcessEvent(record);
    if (event === undefined || event.name === "") return;
    if (this.processNames.size < MOST_PROCESS_NAMES || this.processNames.has(event.process)) {
      this.processNames.set(event.process, event.name);
    }
  }

  #tag(tag: number, paged: boolean): number {
    const known = this.tags.find(tag, paged ? 1 : 0, 0);
    // A file with more tags than that is no trace of a machine; they share the last number.
    if (known < 0 && this.tags.size >= MOST_TAGS) return MOST_TAGS - 1;
    return known >= 0 ? known : this.tags.add(tag, paged ? 1 : 0, 0);
  }

  /** The stack of an allocation is known, or known not to come. */
  #settle(slot: number, reference: number): void {
    const { blocks } = this;
    const state = blocks.site[slot] ?? WAITING;
    const tag = blocks.tag[slot] ?? 0;
    const epoch = blocks.epoch[slot] ?? 0;
    let site = this.sites.find(tag, reference + REFERENCE_SHIFT, epoch);
    if (site < 0) {
      const isRoom = this.sites.size < MOST_SITES;
      site = isRoom
        ? this.sites.add(tag, reference + REFERENCE_SHIFT, epoch)
        : this.sites.add(tag, NO_STACK + REFERENCE_SHIFT, 0);
    }
    this.allocs[site] = (this.allocs[site] ?? 0) + 1;
    this.allocBytes[site] = (this.allocBytes[site] ?? 0) + (blocks.bytes[slot] ?? 0);
    this.frees[site] ??= 0;
    if (state === WAITING) {
      blocks.site[slot] = site;
      return;
    }
    if (state === FREED_WAITING) this.frees[site] = (this.frees[site] ?? 0) + 1;
    blocks.release(slot);
  }

  #free(slot: number): void {
    const site = this.blocks.site[slot] ?? WAITING;
    this.blocks.forget(slot);
    if (site === WAITING) {
      this.blocks.site[slot] = FREED_WAITING;
      return;
    }
    this.frees[site] = (this.frees[site] ?? 0) + 1;
    this.blocks.release(slot);
  }

  /** An address is allocated again: its free is not in the trace. It counts neither as freed nor as held. */
  #replace(slot: number): void {
    const tag = this.blocks.tag[slot] ?? 0;
    this.missedFrees[tag] = (this.missedFrees[tag] ?? 0) + 1;
    this.blocks.forget(slot);
    if (this.blocks.site[slot] === WAITING) this.blocks.site[slot] = REPLACED_WAITING;
    else this.blocks.release(slot);
  }
}
