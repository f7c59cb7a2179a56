// Loaded drivers with version, company and file time, and what changed among them over the record.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { newestChanges, type BesideTables, type DriverChangeAt } from "../../model/beside.ts";
import type { LoadedDriver } from "../../model/surroundings.ts";
import { formatIso } from "../../model/time.ts";
import { formatBytes, formatCount, plural } from "../../model/units.ts";
import { driverChangeLine, driverChangeWhen } from "../../words/beside.ts";
import { figureColumn, ListTable, type ListColumn } from "./list-table.tsx";
import { formatFull } from "./local-time.ts";
import type { ChangeView } from "./use-view.ts";
import type { ViewState } from "./view-state.ts";

interface DriversProps {
  readonly drivers: NonNullable<BesideTables["drivers"]>;
  readonly changes: readonly DriverChangeAt[];
  readonly view: ViewState;
  readonly changeView: ChangeView;
}

type Row = LoadedDriver & { readonly changed?: number };

/** Changes in sight; the others are in the table and in what is taken along. */
const SHOWN_CHANGES = 12;

const COLUMNS: readonly ListColumn<Row>[] = [
  {
    key: "file",
    label: "Driver",
    value: ({ file }) => file,
    show: ({ file, path }) => <code title={path}>{file}</code>,
  },
  { key: "version", label: "Version", value: ({ version }) => version },
  { key: "company", label: "Company", value: ({ company }) => company, fold: "p2" },
  { key: "signer", label: "Signed by", value: ({ signer }) => signer, fold: "p4" },
  timeColumn("made", "File of", ({ fileTime }) => fileTime, "p3"),
  figureColumn("size", "In memory", ({ imageBytes }) => imageBytes, { fold: "p4" }, formatBytes),
  timeColumn("changed", "Changed", ({ changed }) => changed, "p3"),
];

export function DriversTable({ drivers, changes, view, changeView }: DriversProps): JSX.Element {
  const rows = useMemo(() => {
    const times = newestChanges(changes);
    return drivers.rows.map((driver): Row => {
      const changed = times.get(driver.file.toLowerCase());
      return changed === undefined ? driver : { ...driver, changed };
    });
  }, [drivers, changes]);
  const unversioned = drivers.rows.filter(({ version }) => version === undefined).length;
  return (
    <>
      <p class="muted">
        {plural(drivers.rows.length, "driver")} loaded at {formatFull(drivers.time)}.
        {unversioned > 0 &&
          ` Of ${unversioned === drivers.rows.length ? "none" : formatCount(drivers.rows.length - unversioned)} the version is known: it is read from the file where the machine itself is measured.`}
      </p>
      <h2>What changed</h2>
      {changes.length === 0 ? (
        <p>No driver was loaded, unloaded or exchanged between the lists of this record.</p>
      ) : (
        <>
          <ul class="lines">{changes.slice(0, SHOWN_CHANGES).map(changeItem)}</ul>
          {changes.length > SHOWN_CHANGES && (
            <details>
              <summary>{plural(changes.length - SHOWN_CHANGES, "earlier change")}</summary>
              <ul class="lines">{changes.slice(SHOWN_CHANGES).map(changeItem)}</ul>
            </details>
          )}
        </>
      )}
      <h2>Loaded drivers</h2>
      <ListTable name="drivers" rows={rows} columns={COLUMNS} start="file" view={view} changeView={changeView} />
    </>
  );
}

function changeItem(change: DriverChangeAt): JSX.Element {
  return (
    <li key={`${change.time} ${change.now?.file ?? ""} ${change.before?.file ?? ""}`}>
      <b>{driverChangeLine(change)}</b>
      <span class="muted">{driverChangeWhen(change, formatFull)}</span>
    </li>
  );
}

/** A column of times; taken along as ISO 8601, sorted like a number. */
function timeColumn(
  key: string,
  label: string,
  time: (row: Row) => number | undefined,
  fold: ListColumn<Row>["fold"] & string,
): ListColumn<Row> {
  return {
    key,
    label,
    value: (row) => {
      const at = time(row);
      return at === undefined ? undefined : formatIso(at);
    },
    show: (row) => {
      const at = time(row);
      return at === undefined ? "" : formatFull(at);
    },
    fold,
  };
}
