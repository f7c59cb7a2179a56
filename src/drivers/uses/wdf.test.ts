import { expect, test } from "vitest";
import { formatTag } from "../../model/tag.ts";
import { derivedTag } from "./wdf.ts";

test.each([
  ["WinDivert", "WinD"],
  [String.raw`\Registry\Machine\System\CurrentControlSet\Services\mouclass`, "mouc"],
  ["WDFser", String.raw`ser\x00`],
  ["wdfabcd", "abcd"],
  ["WdfXY", "FxDr"],
  ["ab", "FxDr"],
  ["abc", String.raw`abc\x00`],
])("KMDF derives from the service %s the tag %s", (service, tag) => {
  expect(formatTag(derivedTag(service))).toBe(tag);
});
