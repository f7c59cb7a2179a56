import { expect, test } from "vitest";
import { TERMS } from "./terms.ts";

test("every help is two sentences or three, short enough for two lines of a wide card", () => {
  for (const text of Object.values(TERMS)) {
    expect(text.match(/[.:;](?= |$)/g)?.length ?? 0).toBeGreaterThanOrEqual(2);
    expect(text.length).toBeLessThan(190);
    expect(text.endsWith(".")).toBe(true);
  }
});
