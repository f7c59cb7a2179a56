import { expect, test } from "vitest";
import type { Ffi } from "./native.ts";
import { hasOwnWindow } from "./own-window.ts";

const kernelThatSays = (processes: number) => {
  const asked: unknown[] = [];
  const ffi: Ffi = {
    sizeof: () => 8,
    load: (path) => ({
      func: (_convention, name) => {
        asked.push(path, name);
        return () => processes;
      },
      unload: () => asked.push("unloaded"),
    }),
  };
  return { asked, load: () => Promise.resolve(ffi) };
};

test("one process on the console is us alone", async () => {
  const alone = kernelThatSays(1);
  expect(await hasOwnWindow(alone.load)).toBe(true);
  expect(alone.asked).toEqual(["kernel32.dll", "GetConsoleProcessList", "unloaded"]);
  expect(await hasOwnWindow(kernelThatSays(2).load)).toBe(false);
});

test("what cannot be asked is no window of our own", async () => {
  expect(await hasOwnWindow(kernelThatSays(0).load)).toBe(false);
  expect(await hasOwnWindow(() => Promise.reject(new Error("no koffi")))).toBe(false);
});
