// Programs by handles, by the pool charged to them, by their other I/O, and by what they gained.

import type { JSX } from "preact";
import type { BesideTables, ProgramRow } from "../../model/beside.ts";
import type { LiveCounts } from "../../model/surroundings.ts";
import { formatBytes, formatCount, formatDuration, plural } from "../../model/units.ts";
import { QUOTA_WORDS } from "../../words/beside.ts";
import { gainWords } from "../../words/gains.ts";
import { figureColumn, ListTable, type ListColumn } from "./list-table.tsx";
import { formatFull } from "./local-time.ts";
import type { ChangeView } from "./use-view.ts";
import type { ViewState } from "./view-state.ts";

interface ProgramsProps {
  readonly programs: NonNullable<BesideTables["programs"]>;
  readonly live: LiveCounts | undefined;
  readonly view: ViewState;
  readonly changeView: ChangeView;
}

const count = figureColumn<ProgramRow>;

const COLUMNS: readonly ListColumn<ProgramRow>[] = [
  { key: "name", label: "Program", value: ({ name }) => name },
  { key: "pid", label: "PID", value: ({ pid }) => pid, isNumber: true, fold: "p3" },
  count("handles", "Handles", ({ handles }) => handles),
  count("gained", "Gained", ({ gainedHandles }) => gainedHandles, {}, gainWords),
  count("nonpaged", "Nonpaged charged", ({ nonpagedQuota }) => nonpagedQuota, { fold: "p2" }, formatBytes),
  count("paged", "Paged charged", ({ pagedQuota }) => pagedQuota, { fold: "p3" }, formatBytes),
  count(
    "io",
    "Other I/O per s",
    ({ otherPerSecond }) => otherPerSecond,
    { fold: "p2" },
    (value) => (value < 10 ? value.toFixed(1) : formatCount(Math.round(value))),
  ),
  count("threads", "Threads", ({ threads }) => threads, { fold: "p4" }),
  count("private", "Private", ({ privateBytes }) => privateBytes, { fold: "p4" }, formatBytes),
];

export function ProgramsTable({ programs, live, view, changeView }: ProgramsProps): JSX.Element {
  const { time, since, isWhole, listed, rows } = programs;
  return (
    <>
      <p class="muted">
        At {formatFull(time)}
        {live !== undefined &&
          `, ${plural(live.processes, "process", "processes")} with ${plural(live.handles, "handle")}`}
        {since !== undefined && `; gained and per second over ${formatDuration(time - since)}, or since it began`}.{" "}
        {!isWhole && "A recording keeps the programs that stand out. "}
        {QUOTA_WORDS}
      </p>
      <ListTable
        name="programs"
        rows={rows}
        columns={COLUMNS}
        start="handles"
        of={listed}
        view={view}
        changeView={changeView}
      />
    </>
  );
}
