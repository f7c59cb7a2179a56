// Takes the terminal as the live view does and then fails where nobody catches it. Run by tui-tmux.test.ts.

import { Terminal } from "../src/tui/terminal.ts";

const ignore = (): void => undefined;
const terminal = new Terminal(
  process.stdin,
  process.stdout,
  { onKeys: ignore, onResize: ignore, onHangUp: ignore },
  { mouse: true },
);
terminal.open();
terminal.draw(["about to fail"]);
setTimeout(() => {
  throw new Error("failed on purpose");
}, 300);
