// The licences of what others made and what comes with the program: `poolscope --licenses`.

import { readFileSync } from "node:fs";

/** The text of THIRD-PARTY-NOTICES.txt, which scripts/supply-chain.ts makes. */
export function readNotices(): string {
  return readFileSync(new URL("../../THIRD-PARTY-NOTICES.txt", import.meta.url), "utf8");
}
