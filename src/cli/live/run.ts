// Runs `poolscope live`: chooses the feed, makes the monitor, and gives both to the terminal. Loaded only when it runs.

import { basename } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { setFlagsFromString } from "node:v8";
import { BesideRecord } from "../../attribution/beside/record.ts";
import { Detector } from "../../detect/detector.ts";
import { isNewBoot } from "../../detect/series/boots.ts";
import { UsageError } from "../../model/errors.ts";
import { kindOf, type Milliseconds, type Snapshot } from "../../model/snapshot.ts";
import { formatTag, formatTagHex, type Tag } from "../../model/tag.ts";
import { formatIso } from "../../model/time.ts";
import type { OpenOptions } from "../../sources/timeline.ts";
import { App } from "../../tui/app.ts";
import { LiveFeed, type Clock, type FeedListener, type SampleFeed } from "../../tui/feeds.ts";
import { frame } from "../../tui/frame.ts";
import { Monitor, textOf, type Offers } from "../../tui/monitor.ts";
import { rateOf, SORT_NAMES } from "../../tui/order.ts";
import { ReplayFeed, type OpenPass } from "../../tui/replay.ts";
import { settle } from "../../tui/settle.ts";
import type { Feed, Size, SortKey, State } from "../../tui/state.ts";
import { Terminal } from "../../tui/terminal.ts";
import { haltedText } from "../../words/kd.ts";
import type { Io } from "../io.ts";
import { limitsOfSnapshot } from "../limits.ts";
import { knowledgeOffers, saveSnapshot, startRecording } from "./offers.ts";
import { turnZone } from "../output-options.ts";
import type { LiveRequest } from "../live.ts";

/** Size of the one frame that is printed where there is no terminal. */
const PAGE: Size = { columns: 120, rows: 40 };

/** Points of history the detector keeps per row it is given: they must fit beside everything else into 80 MB. */
const HISTORY_POINTS = 120;
const HISTORY_POINTS_REPLAY = 1024;

/** Lists are read once the first frame is up. */
const KNOWLEDGE_AFTER_MS = 300;

const clock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A source of samples, and what can be done with it besides. */
interface Opened {
  /** What was measured beside the counters, as far as it was shown. */
  beside(): BesideRecord;
  readonly feed: Feed;
  /** Whether what lies on this machine's disk is of the machine that is shown. */
  readonly isThisMachine: boolean;
  readonly offers: Offers;
  /** What the source itself says of tags; complete once it was read. */
  readonly mappedDrivers: ReadonlyMap<Tag, string>;
  makeFeed(listener: FeedListener): SampleFeed;
  /** The samples of `--once`. */
  all(): AsyncIterable<Snapshot>;
  close(): void | Promise<void>;
}

/** What is sampled live: this machine, or a target of the kernel debugger. */
interface Sampled {
  sample(): Snapshot | Promise<Snapshot>;
  close(): void | Promise<void>;
}

async function thisMachine(io: Io): Promise<Sampled> {
  const { openLiveMachine } = await import("../live-machine.ts");
  return await openLiveMachine(io, false);
}

/** A target; how long it stood is told once the screen is the user's again. */
async function openTarget({ target, options }: NonNullable<LiveRequest["kd"]>, io: Io): Promise<Sampled> {
  const { openKdSampler } = await import("../kd-source.ts");
  const total = { halts: [] as { milliseconds: number; bytes: number }[], bytesRead: 0, stoodBefore: false };
  const between: string[] = [];
  // What is said on the way would write over the screen.
  const quiet = { ...io, stderr: { ...io.stderr, write: () => undefined } };
  const sampler = await openKdSampler(target, options, quiet, (lines, cost) => {
    if (cost === undefined) between.push(...lines);
    total.halts.push(...(cost?.halts ?? []));
    total.bytesRead += cost?.bytesRead ?? 0;
    total.stoodBefore ||= cost?.stoodBefore === true;
  });
  return {
    sample: async () => await sampler.sample(),
    close: async () => {
      await sampler.close();
      for (const line of between) io.stderr.write(`${line}\n`);
      if (total.halts.length > 0) io.stderr.write(`${haltedText(total)}\n`);
    },
  };
}

/** Shows the view until it is left, or prints one frame. Throws UsageError without a terminal. */
export async function runLive(request: LiveRequest, io: Io): Promise<void> {
  if (!request.once && !(process.stdin.isTTY && process.stdout.isTTY)) {
    throw new UsageError("the live view needs a terminal; --once prints one frame as text");
  }
  // The new space stays small: a monitor for a machine that is out of memory must not grow by what it throws away.
  setFlagsFromString("--semi-space-growth-factor=1");
  const opened = await open(request, io);
  try {
    if (request.once) await printOnce(opened, request, io);
    else await show(opened, request, io);
  } finally {
    await opened.close();
  }
}

async function open(request: LiveRequest, io: Io): Promise<Opened> {
  if (request.replay !== undefined) return await openReplay(request.replay, request);
  return await openLive(
    request,
    io,
    request.kd === undefined ? await thisMachine(io) : await openTarget(request.kd, io),
  );
}

async function show(opened: Opened, request: LiveRequest, io: Io): Promise<void> {
  const terminal: { app?: App } = {};
  const offers = { ...opened.offers, onChange: () => terminal.app?.requestDraw() };
  const monitor = new Monitor(offers, request.look, PAGE, opened.feed);
  monitor.adjust(adjustments(request));
  const app = new App(monitor, clock);
  terminal.app = app;
  const cancel = clock.after(KNOWLEDGE_AFTER_MS, () => {
    void learn(monitor, opened, io).then(() => app.requestDraw());
  });
  try {
    await app.run(opened.makeFeed(app), new Terminal(process.stdin, process.stdout, app, { mouse: request.mouse }));
  } finally {
    cancel();
  }
}

/** Reads lists; without them the view goes on. */
async function learn(monitor: Monitor, opened: Opened, io: Io): Promise<void> {
  try {
    // What is said on the way would write over the screen.
    const quiet = { ...io, stderr: { ...io.stderr, write: () => undefined } };
    monitor.offer(await knowledgeOffers(quiet, opened.mappedDrivers, () => opened.beside(), opened.isThisMachine));
  } catch (error) {
    monitor.adjust({ message: `Owners are not known: ${textOf(error)}` });
  }
}

async function printOnce(opened: Opened, request: LiveRequest, io: Io): Promise<void> {
  const size = request.size ?? (io.stdout.isTTY ? { columns: io.stdout.columns, rows: process.stdout.rows - 1 } : PAGE);
  const monitor = new Monitor(opened.offers, request.look, size, opened.feed);
  let count = 0;
  for await (const snapshot of opened.all()) {
    monitor.takeSample(snapshot, true);
    count += 1;
  }
  if (opened.feed.kind === "replay") monitor.setFeed({ ...opened.feed, at: count, of: count, ended: true });
  monitor.offer(await knowledgeOffers(io, opened.mappedDrivers, () => opened.beside(), opened.isThisMachine));
  monitor.diagnose(() => clock.now());
  monitor.adjust(adjustments(request));
  if (request.json) {
    io.stdout.write(renderRowsJson(monitor.state));
    return;
  }
  const drawn = frame(settle(monitor.state), size);
  // Into a file or a pipe goes text alone, unless colours are asked for: no bold, no reverse, no spaces at the ends.
  const lines =
    io.stdout.isTTY || request.look.color ? drawn : drawn.map((line) => stripVTControlCharacters(line).trimEnd());
  io.stdout.write(`${lines.join("\n")}\n`);
}

/** The rows of the view for programs. */
function renderRowsJson(state: State): string {
  const { board } = state;
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
  const rows = Array.from(state.order, (slot) => {
    const owner = state.ownerOf(board.tag(slot));
    return {
      tag: formatTag(board.tag(slot)),
      raw: formatTagHex(board.tag(slot)),
      pool: kindOf(board.kind(slot)),
      allocs: known(board.value(slot, "allocs")),
      frees: known(board.value(slot, "frees")),
      outstanding: board.value(slot, "outstanding"),
      bytes: board.value(slot, "bytes"),
      bytesChange: known(board.change(slot, "bytes")),
      bytesPerHour: rateOf(state, slot) ?? null,
      verdict: state.verdicts.get(board.key(slot))?.state ?? null,
      owner: owner === undefined ? null : owner.component || owner.description,
    };
  });
  const { origin, time } = board.snapshot ?? {};
  return `${JSON.stringify({ time: time === undefined ? null : formatIso(time), host: origin?.host ?? null, rows }, undefined, 1)}\n`;
}

function adjustments(request: LiveRequest): Partial<State> {
  const { sort } = request;
  if (sort !== undefined && !Object.hasOwn(SORT_NAMES, sort)) {
    throw new UsageError(`--sort ${sort}: give one of ${Object.keys(SORT_NAMES).join(", ")}`);
  }
  return { filter: request.filter, ...(sort === undefined ? {} : { sort: sort as SortKey }) };
}

async function openLive(request: LiveRequest, io: Io, sampler: Sampled): Promise<Opened> {
  const beside = new BesideRecord(isNewBoot);
  let host: string | undefined;
  const seen = (snapshot: Snapshot): Snapshot => {
    host = snapshot.origin.host;
    beside.push(snapshot);
    return snapshot;
  };
  const sample = (): Snapshot | Promise<Snapshot> => {
    const snapshot = sampler.sample();
    return snapshot instanceof Promise ? snapshot.then(seen) : seen(snapshot);
  };
  return {
    beside: () => beside,
    feed: { kind: "live", intervalMs: request.intervalMs },
    isThisMachine: request.kd === undefined,
    offers: {
      makeDetector: () => new Detector({ maxPoints: HISTORY_POINTS, limitsOf: limitsOfSnapshot }),
      save: saveSnapshot,
      turnZone,
      startRecording: () => startRecording(io, host, request.intervalMs),
    },
    mappedDrivers: new Map(),
    makeFeed: (listener) => new LiveFeed(sample, clock, listener, request.intervalMs),
    all: async function* one() {
      yield await sample();
    },
    close: async () => {
      await sampler.close();
    },
  };
}

/** The options of a pass that begins at a time: never before what was asked for. */
function startingAt(opening: OpenOptions, from: Milliseconds | undefined): OpenOptions {
  return from === undefined ? opening : { ...opening, from: Math.max(from, opening.from ?? from) };
}

async function openReplay(paths: readonly string[], request: LiveRequest): Promise<Opened> {
  const { openSources } = await import("../../sources/open.ts");
  // Opened once before the screen changes, so that a wrong path is told in one line.
  let first: Awaited<ReturnType<typeof openSources>> | undefined = await openSources(paths, request.opening);
  const { mappedDrivers } = first;
  let beside = new BesideRecord(isNewBoot);
  const pass: OpenPass = async function* replay(from) {
    // Each pass starts anew: what lies behind the place that is shown must not be told of it.
    const record = new BesideRecord(isNewBoot);
    beside = record;
    const timeline = first ?? (await openSources(paths, startingAt(request.opening, from)));
    first = undefined;
    for await (const snapshot of timeline.snapshots()) {
      record.push(snapshot);
      yield snapshot;
    }
    const [problem] = timeline.problems;
    if (problem !== undefined) throw problem;
  };
  const name = paths.map((path) => basename(path)).join(" ");
  const speed = request.speed;
  return {
    beside: () => beside,
    feed: { kind: "replay", speed, name, at: 0, of: undefined, from: undefined, to: undefined, ended: false },
    isThisMachine: false,
    offers: {
      makeDetector: () => new Detector({ maxPoints: HISTORY_POINTS_REPLAY, limitsOf: limitsOfSnapshot }),
      save: saveSnapshot,
      turnZone,
    },
    mappedDrivers,
    makeFeed: (listener) => new ReplayFeed(pass, clock, listener, name, speed),
    all: () => pass(),
    close: () => undefined,
  };
}
