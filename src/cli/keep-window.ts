// A start by double click on Windows: the window goes with the program, so that an error in it must be held until it was read.

import type { ExitCode } from "./command.ts";
import type { Io } from "./io.ts";

/** What is asked of the window; tests pass their own. */
export interface Window {
  /** Whether it closes with this program. */
  isOwn(): Promise<boolean>;
  /** Until Enter is pressed or nobody can press it. */
  waitForEnter(): Promise<void>;
}

/** Holds the window after an error, where nothing but the program's name was started and the window is its own. */
export async function keepWindow(code: ExitCode, args: readonly string[], io: Io, window: Window): Promise<void> {
  if (code === 0 || args.length > 0 || io.platform !== "win32" || !io.stdout.isTTY) return;
  if (!(await window.isOwn())) return;
  io.stderr.write("\nPress Enter to close this window.\n");
  await window.waitForEnter();
}

/** The window of this process. */
export const processWindow: Window = {
  isOwn: async () => (await import("../sources/windows-live/own-window.ts")).hasOwnWindow(),
  waitForEnter: () =>
    new Promise((resolve) => {
      const { stdin } = process;
      const end = (): void => {
        stdin.off("data", end);
        stdin.pause();
        resolve();
      };
      stdin.once("data", end);
      stdin.once("end", end);
      stdin.resume();
    }),
};
