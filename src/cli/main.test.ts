import { expect, test } from "vitest";
import type { Io } from "./io.ts";
import { run } from "./main.ts";

function ioThat(write: (text: string) => void): Io & { talk: string } {
  const io = {
    talk: "",
    stdout: { isTTY: false, columns: 100, write },
    stderr: {
      isTTY: false,
      columns: 100,
      write: (text: string) => {
        io.talk += text;
      },
    },
    env: {},
    platform: "linux",
    now: () => 0,
  };
  return io;
}

test("a bug ends with 70 and says where it is: 1 means that a leak was found", async () => {
  const io = ioThat(() => {
    throw new TypeError("a bug\u001B[2J");
  });
  expect(await run(["completion", "bash"], io)).toBe(70);
  expect(io.talk).toMatch(/^poolscope: internal error, please report it .*\nTypeError: a bug\\u\{1b\}\[2J\n {4}at /);
});

test("a name that a user gives, or a file holds, is shown and not acted on", async () => {
  const io = ioThat(() => {});
  expect(await run(["info", "no\u001B]0;owned\u0007\u202Ename"], io)).toBe(2);
  expect(io.talk).toBe("poolscope: no\\u{1b}]0;owned\\u{07}\\u{202e}name does not exist; check the path\n");
});
