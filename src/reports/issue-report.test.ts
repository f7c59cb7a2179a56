import { expect, test } from "vitest";
import { makeAttribution, makeDiagnosis, makeVerdict } from "../model/verdict.test-support.ts";
import { renderIssue } from "./issue-report.ts";

const options = { program: "poolscope 9", command: "poolscope leaks a.pool" };

test("tells what was measured, what follows, what it cannot tell, and how to repeat it", () => {
  const text = renderIssue(makeDiagnosis([makeVerdict()]), options);
  for (const heading of [
    "### What was measured",
    "### Tag Leak: a leak of nonpaged pool",
    "### What this cannot tell",
    "### How to repeat it",
  ]) {
    expect(text).toContain(heading);
  }
  expect(text).toContain("| `Leak` | nonpaged | 1.000 | +1.00 MiB/h | 4.77 MiB | 1,000 |");
  expect(text).toContain("poolscope leaks a.pool");
});

test("text from the data is no markup and mentions nobody", () => {
  const verdict = makeVerdict({ name: "`|x`" });
  const owner = { component: "<b>@everyone</b>", description: "[a](http://b) | *c*", from: "a list" };
  const members = [
    { tag: verdict.tag, kind: verdict.kind, nature: "third-party", bytesPerHour: 1, owner, drivers: [] },
  ] as const;
  const suspect = {
    names: ["<img>"],
    tag: verdict.tag,
    certainty: "likely",
    nature: "third-party",
    basis: "list",
    scope: "unknown",
    from: "@x",
  } as const;
  const text = renderIssue(
    makeDiagnosis([{ ...verdict, attribution: makeAttribution(verdict, { members, suspect }) }]),
    options,
  );
  expect(text).not.toMatch(/<img>|<b>|@everyone|[^\\]\[a\]|@x/);
  expect(text).toContain("| `'\\|x'` |");
});
