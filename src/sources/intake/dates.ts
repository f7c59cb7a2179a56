// How the dates of a whole input are to be read: one order of day and month for all files, and whether clocks go beyond 12.

import { basename } from "node:path";
import { dateEvidence } from "../../formats/date-text.ts";
import type { DateOrder, TextParserOptions } from "../../formats/text-format.ts";
import type { IntakeTimes } from "../../model/intake.ts";
import type { InputFile } from "../input-file.ts";
import { decodedHead } from "../text-file.ts";
import type { OpenOptions } from "../timeline.ts";

export interface DateDecision {
  readonly options: TextParserOptions;
  readonly dateOrder?: IntakeTimes["dateOrder"];
  /** Dates that prove different orders, where there are such. */
  readonly conflict?: string;
}

/** Decides over all names and heads: any part above 12 and any weekday settles the order for all. */
export function decideDates(files: readonly InputFile[], options: OpenOptions): DateDecision {
  const proofs = new Map<DateOrder, string>();
  let open: string | undefined;
  let dotted: string | undefined;
  let clock24 = false;
  for (const file of files) {
    const head = decodedHead(file);
    for (const text of [basename(file.path), head]) {
      const evidence = dateEvidence(text);
      for (const [order, example] of evidence.proves) if (!proofs.has(order)) proofs.set(order, example);
      open ??= evidence.open;
      if (dotted === undefined || Number.parseInt(dotted, 10) <= 12) dotted = evidence.dotted ?? dotted;
    }
    clock24 ||= /\?\?\s+(?:1[3-9]|2[0-3]|00?):\d{2}/.test(head);
  }
  const told = options.dateOrder;
  const [proven] = proofs;
  const common: Pick<TextParserOptions, "timezone" | "clock24"> = {
    ...(options.timezone === undefined ? {} : { timezone: options.timezone }),
    clock24,
  };
  if (told !== undefined) return { options: { dateOrder: told, ...common }, dateOrder: { order: told, by: "told" } };
  if (proven !== undefined) {
    const [order, example] = proven;
    return {
      options: { dateOrder: order, ...common },
      dateOrder: { order, by: "date", example },
      ...(proofs.size > 1 ? { conflict: [...proofs].map(([each, of]) => `${of} is ${each}`).join(", ") } : {}),
    };
  }
  const assumed = { dateOrder: "mdy", ...common } as const;
  if (open === undefined) {
    return {
      options: assumed,
      ...(dotted === undefined ? {} : { dateOrder: { order: "dmy", by: "date", example: dotted } as const }),
    };
  }
  return { options: assumed, dateOrder: { order: "mdy", by: "assumed", example: open } };
}
