// A simulated target by hand: node test/build/kd/serve.ts x64|x86 PORT (0: any) [baud]. Loopback only; Ctrl-C ends.

import { imageMemory } from "./image.ts";
import { LivingMemory } from "./living.ts";
import { SimulatedTarget } from "./target.ts";

const [name = "x64", port = "4444", baud] = process.argv.slice(2);
const folder = new URL(`../../../../shared/samples/nt-kernel/${name}/`, import.meta.url);
// Its clock goes on, as a real one's does.
const memory = new LivingMemory(imageMemory(folder, name === "x64" ? 0x8664 : 0x14c));
const target = new SimulatedTarget(memory, {
  loadSymbols: 3,
  prints: 20,
  ...(baud === undefined ? {} : { baud: Number(baud) }),
});
target.server.listen(Number(port), "127.0.0.1", () => {
  const address = target.server.address();
  if (address !== null && typeof address === "object") process.stdout.write(`listening on ${address.port}\n`);
});
