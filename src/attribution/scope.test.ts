import { expect, test } from "vitest";
import type { Origin } from "../model/snapshot.ts";
import { isOwnScope, scopeOf } from "./scope.ts";

const index = { host: "SRV01", windowsBuild: 20348 };
const origin = (given: Partial<Origin>): Origin => ({ source: "recording", timeBasis: "measured", ...given });

test.each([
  [{ installed: true }, { host: "srv01.corp.example" }, "same-host-name"],
  [{ installed: true }, { host: "SRV01", windowsBuild: 20348 }, "same-host-name"],
  [{ installed: true }, { host: "SRV01", windowsBuild: 17763 }, "other-machine"],
  [{ installed: true }, { host: "SRV02" }, "other-machine"],
  [{ installed: true }, {}, "unknown"],
  [{ installed: false }, { host: "SRV01" }, "unknown"],
  [{ installed: true }, { host: "SRV01", source: "windows-live" as const }, "this-machine"],
])("%o for a record of %o: %s", (match, of, scope) => {
  expect(scopeOf(match, index, origin(of))).toBe(scope);
});

test("only proof about the machine itself, or the same file, may accuse", () => {
  expect(
    ["this-machine", "same-host-name", "same-file-version", "other-machine", "unknown"].map((s) =>
      isOwnScope(s as never),
    ),
  ).toEqual([true, true, true, false, false]);
});
