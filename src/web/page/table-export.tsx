// A table to take along: to the clipboard for a ticket or a spreadsheet, or as a file with all rows and exact numbers.

import { plural } from "../../model/units.ts";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { copyText, fileNameOf, saveFile, toCsv, toTabs } from "./take-along.ts";

interface TableExportProps {
  readonly name: string;
  /** The heading and all rows; made only when somebody wants them. */
  readonly rows: () => readonly (readonly (string | number | null)[])[];
}

export function TableExport({ name, rows }: TableExportProps): JSX.Element {
  const [told, setTold] = useState("");
  const copy = async (): Promise<void> => {
    const all = rows();
    const isCopied = await copyText(toTabs(all));
    setTold(
      isCopied
        ? `${plural(all.length - 1, "row")} copied.`
        : "This browser does not let a page copy; CSV saves the same.",
    );
  };
  const json = (): string => {
    const [heads = [], ...body] = rows();
    const records = body.map((row) => Object.fromEntries(heads.map((head, at) => [String(head), row[at] ?? null])));
    return `${JSON.stringify(records)}\n`;
  };
  const file = fileNameOf(name);
  return (
    <div class="export">
      <button type="button" class="quiet" onClick={() => void copy()}>
        Copy table
      </button>
      <button type="button" class="quiet" onClick={() => saveFile(`${file}.csv`, toCsv(rows()), "text/csv")}>
        CSV
      </button>
      <button type="button" class="quiet" onClick={() => saveFile(`${file}.json`, json(), "application/json")}>
        JSON
      </button>
      <span role="status" class="muted">
        {told}
      </span>
    </div>
  );
}
