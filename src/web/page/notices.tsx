// Honest pages and bars for everything that is not the normal case: reading, failed, silent, empty, one snapshot.

import type { JSX } from "preact";
import { plural } from "../../model/units.ts";
import { formatFull } from "./local-time.ts";
import type { DashboardData } from "./use-dashboard.ts";

export function Notice({
  data,
  unknown,
  isZoneMissing,
}: {
  readonly data: DashboardData;
  readonly unknown: readonly string[];
  /** The machine's zone was asked for, and is not known. */
  readonly isZoneMissing: boolean;
}): JSX.Element | null {
  const { overview, status, isConnected, error } = data;
  if (overview === undefined) {
    if (error !== undefined) return <Page title="The dashboard could not be loaded" text={error} />;
    return <Page title="Loading" text="Fetching what was measured." isBusy />;
  }
  if (status?.phase === "reading") return <Reading share={status.progress} snapshots={status.snapshots} />;
  if (overview.diagnosis === null) return <Nothing data={data} />;
  const judged = overview.diagnosis.span.to;
  const isStale =
    status?.lastTime !== undefined && status.lastTime - judged > STALE_INTERVALS * (status.everyMs ?? Infinity);
  return (
    <>
      {unknown.length > 0 && (
        <Bar
          tone="warn"
          text={`Part of this address is not understood and was left out: ${unknown.join(", ").slice(0, 200)}. It may come from another version or be mistyped.`}
        />
      )}
      {isZoneMissing && (
        <Bar
          tone="plain"
          text="The zone of the machine's clock is not known here (--timezone tells it), so times are in local time."
        />
      )}
      {isStale && isConnected && (
        <Bar tone="plain" text={`The verdicts are as of ${formatFull(judged)}; newer snapshots are being judged.`} />
      )}
      {!isConnected && (
        <Bar
          tone="bad"
          text="The program that serves this page does not answer. What you see is the last it sent; the page tries again by itself."
        />
      )}
      {status?.phase === "failed" && (
        <Bar
          tone="bad"
          text={`The source failed: ${status.message ?? "no reason given"}. What was read before is shown.`}
        />
      )}
      {status?.phase === "stalled" && isConnected && (
        <Bar
          tone="bad"
          text={
            `No snapshot since ${status.lastTime === undefined ? "the start" : formatFull(status.lastTime)}` +
            `${status.message === undefined ? "" : `: ${status.message}`}. Everything below is as of then.`
          }
        />
      )}
      {status?.phase === "live" && status.message !== undefined && <Bar tone="warn" text={status.message} />}
      {overview.diagnosis.origin.notice !== undefined && <Bar tone="plain" text={overview.diagnosis.origin.notice} />}
    </>
  );
}

/** Verdicts that lag by more intervals of a live source are marked. */
const STALE_INTERVALS = 6;

function Bar({ tone, text }: { readonly tone: string; readonly text: string }): JSX.Element {
  return (
    <p class={`bar ${tone}`} role={tone === "bad" ? "alert" : "note"}>
      {text}
    </p>
  );
}

function Page({ title, text, isBusy = false }: { title: string; text: string; isBusy?: boolean }): JSX.Element {
  return (
    <section class="blank" aria-busy={isBusy}>
      <h1>{title}</h1>
      <p>{text}</p>
    </section>
  );
}

function Reading({
  share,
  snapshots,
}: {
  readonly share: number | undefined;
  readonly snapshots: number;
}): JSX.Element {
  const percent = share === undefined ? undefined : Math.round(share * 100);
  return (
    <section class="blank" aria-busy="true">
      <h1>Reading the record</h1>
      <progress max={100} aria-label="Read so far" {...(percent === undefined ? {} : { value: percent })} />
      <p>
        {percent === undefined ? "" : `${percent} %, `}
        {plural(snapshots, "snapshot")} so far. The page shows everything as soon as all is read.
      </p>
    </section>
  );
}

function Nothing({ data: { status, overview } }: { readonly data: DashboardData }): JSX.Element {
  if (status?.phase === "failed") {
    return <Page title="The source could not be read" text={status.message ?? "No reason was given."} />;
  }
  if (status?.phase === "live" || status?.phase === "stalled") {
    const why = status.message ?? "The page fills as soon as it arrives.";
    const title = status.phase === "live" ? "Waiting for the first snapshot" : "The source does not answer";
    return <Page title={title} text={why} isBusy={status.phase === "live"} />;
  }
  return (
    <Page
      title="Nothing was measured"
      text={`${overview?.source ?? "The source"} was read to its end and holds no snapshot. Record some with “poolscope record”, or choose another file.`}
    />
  );
}
