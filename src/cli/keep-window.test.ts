import { expect, test } from "vitest";
import { keepWindow } from "./keep-window.ts";
import type { Io } from "./io.ts";

async function held(
  code: 0 | 2 | 70,
  {
    args = [],
    platform = "win32",
    isTTY = true,
    isOwn = true,
  }: { args?: string[]; platform?: string; isTTY?: boolean; isOwn?: boolean },
): Promise<string> {
  let said = "";
  const stream = { isTTY, columns: 80, write: (text: string) => void (said += text) };
  const io: Io = { stdout: stream, stderr: stream, env: {}, platform, now: () => 0 };
  let waits = 0;
  await keepWindow(code, args, io, {
    isOwn: () => Promise.resolve(isOwn),
    waitForEnter: () => {
      waits += 1;
      return Promise.resolve();
    },
  });
  expect(waits > 0).toBe(said !== "");
  return said;
}

test("an error in a window of our own is held until Enter", async () => {
  expect(await held(2, {})).toBe("\nPress Enter to close this window.\n");
  expect(await held(70, {})).not.toBe("");
});

test("nothing is asked otherwise", async () => {
  expect(await held(0, {})).toBe("");
  expect(await held(2, { args: ["leaks", "x"] })).toBe("");
  expect(await held(2, { platform: "linux" })).toBe("");
  expect(await held(2, { isTTY: false })).toBe("");
  expect(await held(2, { isOwn: false })).toBe("");
});
