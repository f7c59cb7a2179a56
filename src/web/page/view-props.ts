// What every view of the page is given.

import type { Diagnosis, TagRef } from "../../model/verdict.ts";
import type { Overview } from "../contract.ts";
import type { PageSource } from "./source.ts";
import type { ChangeView } from "./use-view.ts";
import type { ViewState } from "./view-state.ts";

export interface ViewProps {
  readonly source: PageSource;
  readonly overview: Overview;
  readonly diagnosis: Diagnosis;
  readonly view: ViewState;
  readonly changeView: ChangeView;
  readonly themeKey: string;
  readonly openTag: (ref: TagRef) => void;
}
