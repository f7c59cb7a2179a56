// How a driver was matched to a tag, in words.

import type { Scope, Tier } from "../model/attribution.ts";

/** One record a tier: the word, and what was seen. */
export const TIER_WORDS: Readonly<Record<Tier, { readonly short: string; readonly long: string }>> = {
  proven: { short: "proven", long: "its code was followed to an allocation call with this tag" },
  pattern: {
    short: "proven in part",
    long: "its code was followed to an allocation call with a tag of this form; the other bytes are computed",
  },
  code: { short: "in code", long: "its code holds this tag as a constant; the call it belongs to was not found" },
  predicted: { short: "predicted", long: "the driver framework derives this tag from the name of its service" },
  text: { short: "text only", long: "these four bytes occur in its file, which proves nothing" },
};

/** Of which machine a proof is, as a clause that can open a sentence. */
export const SCOPE_WORDS: Readonly<Record<Scope, { readonly short: string; readonly clause: string }>> = {
  "this-machine": { short: "this machine", clause: "On this machine" },
  "same-host-name": { short: "a machine of the same name", clause: "On the machine of this name" },
  "same-file-version": { short: "the same file version", clause: "In the same version of the file" },
  "other-machine": { short: "another machine", clause: "In the index of another machine" },
  unknown: {
    short: "a machine that may be another",
    clause: "In a driver index that cannot be matched with the machine of this record",
  },
};
