// Entry of the single-file program (poolscope.exe, or poolmon.exe where it is renamed): bundled into Node by scripts/build-exe.ts.

import "./assets.ts";
import { main } from "../main.ts";

void main(process.argv.slice(2), process.execPath);
