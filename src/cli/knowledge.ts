// What is known of tags on this machine: our notes, and the user's pooltag.txt where one is named or found.

import type { PoolTagFile } from "../formats/pooltag-file.ts";
import { createKnowledge, type Knowledge } from "../knowledge/knowledge.ts";
import { plural } from "../model/units.ts";
import { visible } from "../reports/terminal-text.ts";
import { findPoolTagFile, readPoolTagFile } from "../sources/pooltag-search.ts";
import type { Io } from "./io.ts";
import { isServiceAccount } from "./service-account.ts";

export interface LoadedKnowledge {
  readonly knowledge: Knowledge;
  /** The list that was read, where there is one. */
  readonly pooltag: PoolTagFile | undefined;
}

/**
 * Loads notes and list. A list that was named must be readable; one that was found and cannot be read is only mentioned. SYSTEM
 * looks for none: some of the places are folders that any user of the machine may make.
 */
export async function loadKnowledge(named: string | undefined, io: Io): Promise<LoadedKnowledge> {
  const path = named ?? (isServiceAccount(io.env, io.platform) ? undefined : await findPoolTagFile(io.env));
  if (path === undefined) return { knowledge: createKnowledge(), pooltag: undefined };
  try {
    const pooltag = await readPoolTagFile(path);
    const [first] = pooltag.gaps;
    if (first !== undefined) {
      io.stderr.write(
        `poolscope: ${plural(pooltag.gaps.length, "line")} of ${visible(path)} could not be read; the first: ${visible(`${first.where}: ${first.problem}`)}\n`,
      );
    }
    return { knowledge: createKnowledge({ pooltag }), pooltag };
  } catch (error) {
    if (named !== undefined || !(error instanceof Error)) throw error;
    io.stderr.write(`poolscope: ${visible(error.message)}; going on without it\n`);
    return { knowledge: createKnowledge(), pooltag: undefined };
  }
}
