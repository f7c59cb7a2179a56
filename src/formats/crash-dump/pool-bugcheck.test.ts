import { describe, expect, test } from "vitest";
import { bugcheckPoolText, verifierText } from "../../words/dump-bugcheck.ts";
import { poolBugcheck, type BugcheckContext } from "./pool-bugcheck.ts";
import { parseVerifierState } from "./verifier.ts";

const bytes = (text: string, wide: boolean): Uint8Array =>
  Uint8Array.from({ length: 128 }, (_, i) =>
    wide && i % 2 === 1 ? 0 : (text.charCodeAt(wide ? i / 2 : i) || 0) & 0xff,
  );
const context = (name: Uint8Array | undefined): BugcheckContext => ({
  pointerSize: 8,
  read: (address, length) => (address === 0x1000n ? name?.subarray(0, length) : undefined),
  lastUnloaded: "old.sys",
});
const say = (code: number, parameters: readonly bigint[], name?: Uint8Array): string | undefined => {
  const found = poolBugcheck({ code, parameters }, context(name));
  return found === undefined ? undefined : bugcheckPoolText(found);
};

describe("bug checks that speak of pool", () => {
  test("a driver unloaded with allocations: named by the dump, else the one unloaded last", () => {
    const parameters = [0x62n, 0x1000n, 0n, 37n];
    const text = "leaky.sys was unloaded with 37 pool allocations not freed: it leaks pool";
    expect(say(0xc4, parameters, bytes("leaky.sys", true))).toBe(text);
    expect(say(0xc4, parameters, bytes("leaky.sys", false))).toBe(text);
    expect(say(0xc4, parameters)).toMatch(/^old.sys \(the driver unloaded last; .* 37 pool allocations/);
    expect(say(0x100000c4, parameters)).toContain("37 pool allocations");
  });
  test("a session that leaks, in both halves of the count", () => {
    expect(say(0xab, [3n, 4096n, 0n, 12n])).toBe(
      "session 3 ended with 4.00 KiB in 12 paged allocations never freed: win32k, a printer or a display driver",
    );
    expect(say(0xab, [3n, 0n, 8192n, 2n << 32n])).toContain("8.00 KiB in 2 nonpaged allocations");
    const narrow = { ...context(undefined), pointerSize: 4 } as const;
    expect(poolBugcheck({ code: 0xab, parameters: [1n, 0n, 64n, 0x20001n] }, narrow)).toMatchObject({
      nonpagedAllocations: 2,
      pagedAllocations: 1,
    });
  });
  test("wrong use, damage and locked pages are told from leaks", () => {
    expect(say(0xc4, [1n, 2n, 1n, 512n])).toMatch(/asked for paged pool .*512 B.* not a leak/);
    expect(say(0x19, [0x20n, 0n, 0n, 0n])).toMatch(/sub-code 0x20\); this is no leak/);
    expect(say(0xc2, [7n, 0n, 0x6b61654cn, 0n])).toContain("tag Leak");
    expect(say(0xcb, [0n, 0n, 0x1000n, 5n], bytes("disk.sys", true))).toBe(
      "disk.sys left 5 locked pages behind; these are pages, not pool",
    );
    expect(say(0xd1, [1n, 2n, 3n, 4n])).toBeUndefined();
    expect(say(0xc4, [0x1000n, 2n, 3n, 4n])).toBeUndefined();
  });
});

test("Driver Verifier: level, options, counts", () => {
  const state = new Uint8Array(0x60);
  const view = new DataView(state.buffer);
  view.setUint32(0, 0x9, true);
  view.setUint32(0x40, 3, true);
  view.setUint32(0x44, 7, true);
  view.setUint32(0x50, 4096, true);
  view.setUint32(0x58, 8192, true);
  const parsed = parseVerifierState(state, 8);
  expect(parsed === undefined ? "" : verifierText(parsed)).toBe(
    "Driver Verifier was on (level 0x9: special pool, pool tracking); its drivers hold 7 nonpaged allocations of 8.00 KiB and " +
      "3 paged allocations of 4.00 KiB",
  );
  expect(verifierText({ level: 0, counts: undefined })).toBe("Driver Verifier was off");
  expect(parseVerifierState(state.subarray(0, 8), 8)).toEqual({ level: 9, counts: undefined });
});
