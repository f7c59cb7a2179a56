// What stands beside the counters, a view each: loaded drivers with their changes, programs, object types.

import type { JSX } from "preact";
import type { TagRef } from "../../model/verdict.ts";
import { NOT_MEASURED } from "../../words/beside.ts";
import type { TagRows } from "../contract.ts";
import { DriversTable } from "./drivers-table.tsx";
import { ObjectsTable } from "./objects-table.tsx";
import { ProgramsTable } from "./programs-table.tsx";
import type { PageSource } from "./source.ts";
import { useAsked } from "./use-asked.ts";
import type { ChangeView } from "./use-view.ts";
import { VIEW_LABELS } from "./view-tabs.tsx";
import type { ViewName, ViewState } from "./view-state.ts";

interface BesideProps {
  readonly source: PageSource;
  readonly revision: number;
  readonly table: TagRows;
  readonly name: ViewName;
  readonly view: ViewState;
  readonly changeView: ChangeView;
  readonly openTag: (ref: TagRef) => void;
}

export function BesideView(props: BesideProps): JSX.Element {
  const { source, revision, name, view, changeView, table, openTag } = props;
  const found = useAsked(() => source.beside(), [source, revision]);
  if (found === undefined) return <p aria-busy="true">Loading.</p>;
  if (typeof found === "string") return <p class="bar bad">{found}</p>;
  const { drivers, programs, objects } = found;
  const shared = { view, changeView };
  return (
    <section aria-labelledby="beside" class="beside">
      <h1 id="beside">{VIEW_LABELS[name]}</h1>
      {name === "drivers" && drivers !== undefined && (
        <DriversTable drivers={drivers} changes={found.driverChanges} {...shared} />
      )}
      {name === "programs" && programs !== undefined && (
        <ProgramsTable programs={programs} live={found.live} {...shared} />
      )}
      {name === "objects" && objects !== undefined && (
        <ObjectsTable objects={objects} live={found.live} table={table} openTag={openTag} {...shared} />
      )}
      {found[name] === undefined && <p class="bar">{NOT_MEASURED[name]}</p>}
    </section>
  );
}
