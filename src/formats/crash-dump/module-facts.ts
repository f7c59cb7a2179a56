// What a module's own image tells of it, as far as the dump holds it.

import type { Dump } from "./dump.ts";
import type { ListedModule } from "./modules.ts";
import { readImageHeader } from "./pe-image.ts";

export interface ModuleFacts extends ListedModule {
  /** Time of linking, or a hash of the build where it is reproducible. */
  readonly timeDateStamp?: number;
  readonly version?: string;
  readonly company?: string;
  readonly description?: string;
  /** Share of the image that the dump holds. */
  readonly coverage?: number;
}

/** Facts of each module, in the list's order. */
export function readModuleFacts(dump: Dump, modules: readonly ListedModule[]): ModuleFacts[] {
  const triage = new Map(dump.triage?.modules.map((each) => [each.base, each]));
  return modules.map((each) => {
    const known = triage.get(each.base);
    const { base, sizeOfImage, name, path } = each;
    const listed = { base, sizeOfImage, name, path };
    if (known !== undefined) return { ...listed, timeDateStamp: known.timeDateStamp };
    if (dump.memory === undefined) return listed;
    const header = readImageHeader(dump.memory.space, each.base);
    return header === undefined ? listed : { ...listed, timeDateStamp: header.timeDateStamp };
  });
}
