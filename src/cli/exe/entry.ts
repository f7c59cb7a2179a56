// Entry of the single-file program (poolscope.exe, or poolmon.exe where it is renamed): bundled into Node by scripts/build-exe.ts.

import "./assets.ts";
import { getAsset } from "node:sea";
import { setPageAssets } from "../../web/server/assets.ts";
import { main } from "../main.ts";

setPageAssets({ script: getAsset("page.js", "utf8"), style: getAsset("page.css", "utf8") });

void main(process.argv.slice(2), process.execPath);
