// A pool trace for programs. Its form is described in docs/json-output.md.

import type { PoolTrace } from "../../model/stacks.ts";
import { formatTag, formatTagHex } from "../../model/tag.ts";
import { formatTime } from "../../model/time.ts";
import { headline, lossSentence } from "../../words/stacks.ts";

/** One JSON document with a newline. `headlines` are those of the tags that hold something. */
export function renderStacksJson(trace: PoolTrace): string {
  const { from, to, tags, ...rest } = trace;
  const loss = lossSentence(trace.loss);
  return `${JSON.stringify(
    {
      ...rest,
      from: from === undefined ? null : formatTime(from),
      to: to === undefined ? null : formatTime(to),
      ...(loss === undefined ? {} : { lossText: loss }),
      headlines: tags.filter((tag) => tag.bytes > 0).map((tag) => headline(tag)),
      tags: tags.map(({ tag, ...each }) => ({ tag: formatTag(tag), raw: formatTagHex(tag), ...each })),
    },
    null,
    1,
  )}\n`;
}
