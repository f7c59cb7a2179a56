// Stacks as chains of module and offset: equal chains are one, wherever the modules were loaded.

import type { ChainFrame, TracedModule } from "../model/stacks.ts";
import type { ImageIdentity, KernelImage } from "./kernel-images.ts";
import { KeyTable } from "./key-table.ts";
import type { TraceCollector } from "./trace-collector.ts";

/** Chains by number: equal ones (module and offset of every frame) have one number, wherever the modules were loaded. */
export class ChainTable {
  readonly #collector: TraceCollector;
  /** (stack, epoch) to chain. */
  readonly #seen = new KeyTable();
  readonly #chainOf: number[] = [];
  readonly #byText = new Map<string, number>();
  readonly #frames: (readonly ChainFrame[])[] = [];
  readonly #frameIds = new Map<string, number>();
  readonly #frameValues: ChainFrame[] = [];
  readonly #identities = new Map<KernelImage, ImageIdentity>();

  constructor(collector: TraceCollector) {
    this.#collector = collector;
  }

  framesOf(id: number): readonly ChainFrame[] {
    return this.#frames[id] ?? [];
  }

  idOf(stack: number, epoch: number): number {
    const before = this.#seen.size;
    const number = this.#seen.add(stack, epoch, 0);
    if (number < before) return this.#chainOf[number] ?? 0;
    const words = this.#collector.stacks.framesOf(stack);
    const time = this.#collector.epochs[epoch] ?? 0;
    const ids: number[] = [];
    for (let i = 0; i < words.length; i += 2) ids.push(this.#frameId(words[i] ?? 0, words[i + 1] ?? 0, time));
    const text = ids.join(" ");
    let id = this.#byText.get(text);
    if (id === undefined) {
      id = this.#frames.length;
      this.#byText.set(text, id);
      this.#frames.push(ids.map((each) => this.#frameValues[each] ?? { offset: 0 }));
    }
    this.#chainOf[number] = id;
    return id;
  }

  #frameId(low: number, high: number, time: number): number {
    const found = this.#collector.images.at(low, high, time);
    const address = found === undefined ? addressText(low, high) : "";
    const key = found === undefined ? address : `${found.image.module}+${found.offset}`;
    let id = this.#frameIds.get(key);
    if (id === undefined) {
      id = this.#frameValues.length;
      this.#frameIds.set(key, id);
      this.#frameValues.push(found === undefined ? { offset: 0, address } : this.#frame(found.image, found.offset));
    }
    return id;
  }

  #frame(image: KernelImage, offset: number): ChainFrame {
    let identity = this.#identities.get(image);
    if (identity === undefined) {
      identity = this.#collector.images.identityOf(image);
      this.#identities.set(image, identity);
    }
    const { company } = identity;
    return { module: image.module, offset, ...(company === undefined ? {} : { company }) };
  }

  /** The modules that frames so far lie in, each build once. */
  modules(): TracedModule[] {
    const modules = new Map<string, TracedModule>();
    for (const [image, identity] of this.#identities) {
      const key = `${image.path} ${identity.fileVersion ?? ""} ${identity.pdb?.guid ?? ""}`;
      if (!modules.has(key)) modules.set(key, { module: image.module, path: image.path, ...identity });
    }
    return [...modules.values()].sort((a, b) => (a.module < b.module ? -1 : 1));
  }
}

function addressText(low: number, high: number): string {
  const text = (high === 0 ? "" : high.toString(16)) + low.toString(16).padStart(8, "0");
  return `0x${text}`;
}
