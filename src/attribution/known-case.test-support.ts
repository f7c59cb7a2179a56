// A case that says only whose it is.

import type { KnownCase } from "../model/known-case.ts";

export const known: KnownCase = {
  id: "one",
  class: "case",
  ownTags: [],
  sharedTags: [],
  sign: "",
  culprit: "acme.sys",
  cause: "",
  remedy: "",
  versions: "",
  source: "",
  seen: "",
};
