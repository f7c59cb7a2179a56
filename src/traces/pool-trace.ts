// A trace file from bytes to the answer: what each call chain allocated under each tag and what of it is held at the end.

import type { ByteSource } from "../formats/crash-dump/source.ts";
import { readTrace, type ReadTraceOptions, type TraceTally } from "../formats/etl/read-trace.ts";
import { readLogHeader } from "../formats/etl/log-header.ts";
import { FormatError } from "../model/errors.ts";
import type { Gap } from "../model/snapshot.ts";
import type { PoolTrace } from "../model/stacks.ts";
import type { IsWindowsModule } from "./outside-module.ts";
import { summarize } from "./summary.ts";
import { TraceCollector } from "./trace-collector.ts";

export interface PoolTraceOptions extends ReadTraceOptions {
  /** For modules of which the trace has no version resource. */
  readonly isWindowsModule: IsWindowsModule;
}

/** Reads a trace through. Throws FormatError where it is no trace or holds no pool events. */
export function readPoolTrace(source: ByteSource, options: PoolTraceOptions): PoolTrace {
  const { ticksPerSecond } = readLogHeader(source);
  const collector = new TraceCollector(ticksPerSecond);
  const tally = readTrace(source, collector.take, options);
  collector.finish();
  if (collector.poolEvents === 0) throw noPoolEvents(collector, tally);
  const { header } = tally;
  const milliseconds = Math.max(0, ((collector.lastTicks - collector.firstTicks) / ticksPerSecond) * 1000);
  return {
    windowsBuild: header.windowsBuild,
    processors: header.processors,
    ...(header.startTime === undefined
      ? {}
      : {
          from: header.startTime + Math.max(0, (collector.firstTicks / ticksPerSecond) * 1000),
          to: header.startTime + (collector.lastTicks / ticksPerSecond) * 1000,
        }),
    milliseconds,
    loss: {
      eventsLost: header.eventsLost,
      buffersLost: header.buffersLost,
      unreadableBuffers: tally.loss.unreadableBuffers,
      brokenBuffers: tally.loss.brokenBuffers,
      cut: tally.loss.cut,
      unclosed: !header.closed,
    },
    records: tally.records,
    poolEvents: collector.poolEvents,
    rundownEvents: collector.rundownEvents,
    images: collector.images.images.length,
    hasVersions: collector.images.hasVersions,
    ...summarize(collector, ticksPerSecond, options.isWindowsModule),
    gaps: gapsOf(collector, tally),
  };
}

function noPoolEvents(collector: TraceCollector, tally: TraceTally): FormatError {
  const found = `${tally.records} other events`;
  if (tally.records <= 1) {
    return new FormatError("etl", "holds no events; a trace that is still being written must be stopped first", {
      found,
    });
  }
  if (collector.poolEnabled === true) {
    return new FormatError(
      "etl",
      "holds no pool events: pool was recorded, but nothing that its tag filter lets through was allocated",
      {
        found,
      },
    );
  }
  return new FormatError(
    "etl",
    "holds no pool events: recorded without the pool keyword; `poolscope trace` shows how to record with it",
    {
      found,
    },
  );
}

function gapsOf(collector: TraceCollector, tally: TraceTally): Gap[] {
  const gaps: Gap[] = [];
  const note = (count: number, problem: string): void => {
    if (count > 0) gaps.push({ where: "trace", problem });
  };
  note(collector.unfollowed, `${collector.unfollowed} allocations not followed: too many blocks were alive at once`);
  note(collector.stacks.overflow, `${collector.stacks.overflow} stacks not kept: the table of stacks is full`);
  note(collector.images.dropped, `${collector.images.dropped} images not kept: more than any machine has`);
  note(
    tally.loss.unreadBytes > 0 && tally.header.compressed ? 1 : 0,
    `${tally.loss.unreadBytes} bytes at the end of the file not read`,
  );
  return gaps;
}
