import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatViewState,
  parseViewState,
  unknownParts,
  formatForSaving,
  MOST_SAVED,
  VIEWS,
  SORT_COLUMNS,
  START_STATE,
  type ViewState,
} from "./view-state.ts";

test("the start has an empty address", () => {
  expect(formatViewState(START_STATE)).toBe("");
  expect(parseViewState("")).toEqual(START_STATE);
});

test("every state survives its address", () => {
  const kind = fc.constantFrom("nonpaged" as const, "paged" as const);
  const time = fc.integer({ min: 0, max: 4e12 });
  const state = fc.record(
    {
      filter: fc.string(),
      sort: fc.constantFrom(...SORT_COLUMNS),
      isDescending: fc.boolean(),
      tag: fc.record({ tag: fc.integer({ min: 0, max: 0xffffffff }), kind }),
      range: fc.tuple(time, fc.integer({ min: 1, max: 1e9 })).map(([from, length]) => ({ from, to: from + length })),
      zoom: fc.tuple(time, fc.integer({ min: 1, max: 1e9 })).map(([from, length]) => ({ from, to: from + length })),
      drag: fc.constant("compare" as const),
      hidden: fc.subarray(SORT_COLUMNS.slice(1), { minLength: 1 }),
      zone: fc.constantFrom("utc" as const, "machine" as const),
      view: fc.constantFrom(...VIEWS),
      by: fc.constantFrom("handles", "-file"),
      saved: fc.array(
        fc.record({
          name: fc.stringMatching(/^[^|]{1,40}$/),
          state: fc.constantFrom("", "view=drivers&by=-file", "q=a%7Cb"),
        }),
        { minLength: 1, maxLength: MOST_SAVED },
      ),
      pool: kind,
      theme: fc.constantFrom("light" as const, "dark" as const),
    },
    { requiredKeys: ["filter", "sort", "isDescending"] },
  );
  fc.assert(
    fc.property(state, (each) => {
      expect(parseViewState(`#${formatViewState(each as ViewState)}`)).toEqual(each);
    }),
  );
});

test("a kept view holds neither the others nor the theme, and an address no more of them than it may", () => {
  const kept = { name: "night", state: "view=programs" };
  const state: ViewState = { ...START_STATE, view: "drivers", theme: "dark", saved: [kept] };
  expect(formatForSaving(state)).toBe("view=drivers");
  const many = Array.from({ length: MOST_SAVED + 3 }, (_, i) => `saved=v${i}|view%3Ddrivers`).join("&");
  expect(parseViewState(many).saved).toHaveLength(8);
  expect(parseViewState(`saved=${"n".repeat(40)}|view%3Ddrivers`).saved).toHaveLength(1);
  expect(parseViewState(`saved=${"n".repeat(41)}|view%3Ddrivers`).saved).toBeUndefined();
  expect(parseViewState("saved=|view%3Ddrivers&saved=noname").saved).toBeUndefined();
});

test("an address that is nonsense opens the start", () => {
  expect(parseViewState("#tag=zz&of=x&from=9&to=2&sort=evil&theme=pink&pool=%00")).toEqual(START_STATE);
});

test("what an address says and nobody understands is named", () => {
  expect(unknownParts("")).toEqual([]);
  expect(unknownParts("sort=bytes&dir=down&q=")).toEqual([]);
  expect(unknownParts("tag=0x6c466341&of=nonpaged&zone=utc")).toEqual([]);
  expect(unknownParts("tag=zz&of=nonpaged&view=old&zone=mars")).toEqual([
    "tag=zz",
    "of=nonpaged",
    "view=old",
    "zone=mars",
  ]);
});
