// Events that wait for their stack: it comes as a record of its own, a little later, with the time of the event.

/** Windows 8 traces show 52 ms at most from an event to its kernel stack; after this much time there will be none. */
export const HOLD_SECONDS = 1;
/** A processor that makes a million allocations a second has as many waiting in a tenth of a second. */
const MOST_WAITING = 131_072;

/** No event of that processor had that time. */
export const NO_EVENT = -1;

interface Lane {
  ticks: Float64Array;
  /** The event's number; -1 once it has its stack. */
  events: Int32Array;
  ambiguous: Uint8Array;
  head: number;
  count: number;
  /** Time of the last kernel record that can have a stack, and whether the one before it had the same. */
  last: number;
  shared: boolean;
}

/** Waiting events per processor, oldest first. `expire` is told of those that get no stack. */
export class PendingEvents {
  readonly #lanes: (Lane | undefined)[] = [];
  readonly #holdTicks: number;
  readonly #expire: (event: number, ambiguous: boolean) => void;

  constructor(ticksPerSecond: number, expire: (event: number, ambiguous: boolean) => void) {
    this.#holdTicks = ticksPerSecond * HOLD_SECONDS;
    this.#expire = expire;
  }

  /** A kernel record other than a stack has passed: where it shares its instant with one that waits, a stack could be of either. */
  pass(processor: number, ticks: number): void {
    const lane = this.#lane(processor);
    lane.shared = lane.last === ticks;
    if (lane.shared) doubt(lane, ticks);
    lane.last = ticks;
  }

  /** An event begins to wait. Call {@link pass} for its record first. */
  add(processor: number, ticks: number, event: number): void {
    const lane = this.#lane(processor);
    while (lane.count > 0 && (lane.count >= MOST_WAITING || this.#isOver(lane, ticks))) this.#drop(lane);
    if (lane.count === lane.events.length) growLane(lane);
    const at = (lane.head + lane.count) & (lane.events.length - 1);
    lane.ticks[at] = ticks;
    lane.events[at] = event;
    lane.ambiguous[at] = lane.shared ? 1 : 0;
    lane.count += 1;
  }

  /** Takes the event of a processor that has exactly this time, or answers {@link NO_EVENT}. */
  take(processor: number, ticks: number): number {
    const lane = this.#lane(processor);
    const mask = lane.events.length - 1;
    let low = 0;
    let high = lane.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((lane.ticks[(lane.head + middle) & mask] ?? 0) < ticks) low = middle + 1;
      else high = middle;
    }
    if (low >= lane.count) return NO_EVENT;
    const at = (lane.head + low) & mask;
    if (lane.ticks[at] !== ticks || lane.ambiguous[at] === 1) return NO_EVENT;
    const event = lane.events[at] ?? NO_EVENT;
    lane.events[at] = NO_EVENT;
    while (lane.count > 0 && lane.events[lane.head] === NO_EVENT) {
      lane.head = (lane.head + 1) & mask;
      lane.count -= 1;
    }
    return event;
  }

  /** Ends all waiting. */
  finish(): void {
    for (const lane of this.#lanes) {
      if (lane !== undefined) for (let left = lane.count; left > 0; left--) this.#drop(lane);
    }
  }

  #lane(processor: number): Lane {
    let lane = this.#lanes[processor];
    if (lane === undefined) {
      lane = {
        ticks: new Float64Array(256),
        events: new Int32Array(256),
        ambiguous: new Uint8Array(256),
        head: 0,
        count: 0,
        last: Number.NaN,
        shared: false,
      };
      this.#lanes[processor] = lane;
    }
    return lane;
  }

  #isOver(lane: Lane, ticks: number): boolean {
    return lane.events[lane.head] === NO_EVENT || ticks - (lane.ticks[lane.head] ?? 0) > this.#holdTicks;
  }

  #drop(lane: Lane): void {
    const event = lane.events[lane.head] ?? NO_EVENT;
    const ambiguous = lane.ambiguous[lane.head] === 1;
    lane.head = (lane.head + 1) & (lane.events.length - 1);
    lane.count -= 1;
    if (event !== NO_EVENT) this.#expire(event, ambiguous);
  }
}

function growLane(lane: Lane): void {
  const size = lane.events.length;
  const ticks = new Float64Array(size * 2);
  const events = new Int32Array(size * 2);
  const ambiguous = new Uint8Array(size * 2);
  for (let i = 0; i < lane.count; i++) {
    const from = (lane.head + i) & (size - 1);
    ticks[i] = lane.ticks[from] ?? 0;
    events[i] = lane.events[from] ?? NO_EVENT;
    ambiguous[i] = lane.ambiguous[from] ?? 0;
  }
  lane.ticks = ticks;
  lane.events = events;
  lane.ambiguous = ambiguous;
  lane.head = 0;
}

/** Marks the newest waiting events of that instant. */
function doubt(lane: Lane, ticks: number): void {
  for (let i = lane.count - 1; i >= 0; i--) {
    const at = (lane.head + i) & (lane.events.length - 1);
    if (lane.ticks[at] !== ticks) return;
    lane.ambiguous[at] = 1;
  }
}
