// Folded stacks, one line a chain: what flamegraph.pl, inferno and speedscope read.

import type { PoolTrace } from "../../model/stacks.ts";
import { visible } from "../terminal-text.ts";
import { rootText, sampledTags, type Weight } from "./samples.ts";

/** `Toke paged;ntoskrnl.exe+0x9000;...;ntoskrnl.exe+0x1000 1840000`, bytes at the end. */
export function renderFolded(trace: PoolTrace, weight: Weight): string {
  return sampledTags(trace, weight)
    .flatMap(({ tag, samples }) =>
      samples.map(
        ({ frames, bytes }) => `${[rootText(tag), ...frames.map((each) => each.text)].map(clean).join(";")} ${bytes}\n`,
      ),
    )
    .join("");
}

/** The two characters that mean something in a line are replaced in names. */
function clean(text: string): string {
  return visible(text).replaceAll(";", ":");
}
