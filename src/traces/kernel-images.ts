// Which kernel module lies where and when. Drivers are unloaded and loaded again elsewhere, so a look-up needs the time.

import { pageOf, type ImageEvent } from "../formats/etl/image-events.ts";
import type { IdentityEvent } from "../formats/etl/identity-events.ts";
import { baseName } from "../model/file-path.ts";

const PAGE_BYTES = 4096;
/** First page of the upper half: of 64-bit addresses (the sign bit), of 32-bit ones 2 GiB. */
const KERNEL_PAGE_64 = 2 ** 51;
const KERNEL_PAGE_32 = 2 ** 19;
const LAST_PAGE_32 = 2 ** 20;
/** Windows has some hundred kernel modules; a file with more is not a trace of one machine. */
const MOST_IMAGES = 65_536;

/** One module at one place for one time. */
export interface KernelImage {
  /** Last component of the path, lower case. */
  readonly module: string;
  readonly path: string;
  readonly basePage: number;
  readonly bytes: number;
  readonly timeDateStamp: number;
  /** Ticks from which and until which it lay there; open ends are infinite. */
  readonly from: number;
  until: number;
}

/** The version resource and the PDB of an image, as a merge wrote them into the trace. */
export interface ImageIdentity {
  readonly company?: string;
  readonly fileVersion?: string;
  readonly pdb?: { readonly file: string; readonly guid: string; readonly age: number };
}

type VersionEvent = Extract<IdentityEvent, { kind: "version" }>;

export class KernelImages {
  readonly #images: KernelImage[] = [];
  /** Images now loaded, by base. */
  readonly #loaded = new Map<number, KernelImage>();
  readonly #lastUnload = new Map<number, number>();
  readonly #versions = new Map<number, VersionEvent[]>();
  readonly #stamps = new Map<number, { timeDateStamp: number; bytes: number }>();
  readonly #pdbs = new Map<number, { file: string; guid: string; age: number }>();
  #sorted: { images: readonly KernelImage[]; mostPages: number } | undefined;
  /** Events of images that are not kernel's, and kernel ones beyond the cap. */
  dropped = 0;

  /** Takes an image event; true where it changes what lies where from now on (a live load or unload). */
  take(event: ImageEvent, ticks: number): boolean {
    if (event.process !== 0 || !isKernelPage(event.basePage) || event.bytes === 0) return false;
    this.#sorted = undefined;
    const open = this.#loaded.get(event.basePage);
    if (event.change === "unload") {
      if (open === undefined) this.#add(event, -Infinity, ticks);
      else open.until = ticks;
      this.#loaded.delete(event.basePage);
      this.#lastUnload.set(event.basePage, ticks);
      return true;
    }
    if (event.change === "load") {
      if (open !== undefined) open.until = ticks;
      this.#loadAt(event, ticks);
      return true;
    }
    // Rundowns list what is there. What only the one at the end lists was there all along, unless its place was in use before.
    if (open === undefined) this.#loadAt(event, this.#lastUnload.get(event.basePage) ?? -Infinity);
    return false;
  }

  identify(event: IdentityEvent): void {
    if (event.kind === "version") {
      const known = this.#versions.get(event.timeDateStamp);
      if (known === undefined) this.#versions.set(event.timeDateStamp, [event]);
      else if (known.length < 64) known.push(event);
    } else if (event.process === 0 && isKernelPage(event.basePage) && this.#pdbs.size < MOST_IMAGES) {
      if (event.kind === "pdb") this.#pdbs.set(event.basePage, { file: event.file, guid: event.guid, age: event.age });
      else this.#stamps.set(event.basePage, { timeDateStamp: event.timeDateStamp, bytes: event.bytes });
    }
  }

  /** All kernel images seen. */
  get images(): readonly KernelImage[] {
    return this.#images;
  }

  /** Whether the trace has version resources of images. */
  get hasVersions(): boolean {
    return this.#versions.size > 0;
  }

  /** The image at an address at a time. */
  at(low: number, high: number, ticks: number): { readonly image: KernelImage; readonly offset: number } | undefined {
    const page = pageOf(low, high);
    const { images, mostPages } = (this.#sorted ??= sortImages(this.#images));
    let from = 0;
    let to = images.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((images[middle]?.basePage ?? 0) <= page) from = middle + 1;
      else to = middle;
    }
    for (let i = from - 1; i >= 0; i--) {
      const image = images[i];
      if (image === undefined || page - image.basePage > mostPages) return undefined;
      const offset = (page - image.basePage) * PAGE_BYTES + (low & (PAGE_BYTES - 1));
      if (offset < image.bytes && ticks >= image.from && ticks < image.until) return { image, offset };
    }
    return undefined;
  }

  /**
   * Who made an image. A time stamp and a size together name a build; the stamp alone is shared by many images of Windows
   * and counts only where the resource's own file name agrees. `dump_x.sys` is a copy of `x.sys` for crash dumps.
   */
  identityOf(image: KernelImage): ImageIdentity {
    const stamp = image.timeDateStamp === 0 ? this.#stamps.get(image.basePage)?.timeDateStamp : image.timeDateStamp;
    const candidates = this.#versions.get(stamp ?? 0) ?? [];
    const name = image.module.replace(/^dump_/, "");
    const sameName = (version: VersionEvent): boolean => version.originalName.toLowerCase() === name;
    const version =
      candidates.find((each) => each.bytes === image.bytes && sameName(each)) ??
      candidates.find((each) => each.bytes === image.bytes) ??
      candidates.find(sameName);
    const pdb = this.#pdbs.get(image.basePage);
    return {
      ...(version === undefined ? {} : { company: version.company.trim(), fileVersion: version.fileVersion }),
      ...(pdb === undefined ? {} : { pdb }),
    };
  }

  #loadAt(event: ImageEvent, from: number): void {
    const image = this.#add(event, from, Infinity);
    if (image !== undefined) this.#loaded.set(event.basePage, image);
  }

  #add(event: ImageEvent, from: number, until: number): KernelImage | undefined {
    if (this.#images.length >= MOST_IMAGES) {
      this.dropped += 1;
      return undefined;
    }
    const module = baseName(event.path).toLowerCase();
    const image: KernelImage = {
      module: module === "" ? "unnamed" : module,
      path: event.path,
      basePage: event.basePage,
      bytes: event.bytes,
      timeDateStamp: event.timeDateStamp,
      from,
      until,
    };
    this.#images.push(image);
    return image;
  }
}

function isKernelPage(page: number): boolean {
  return page < LAST_PAGE_32 ? page >= KERNEL_PAGE_32 : page >= KERNEL_PAGE_64;
}

function sortImages(images: readonly KernelImage[]): { images: readonly KernelImage[]; mostPages: number } {
  const mostBytes = images.reduce((most, image) => Math.max(most, image.bytes), 0);
  return {
    images: images.toSorted((a, b) => a.basePage - b.basePage || a.from - b.from),
    mostPages: Math.ceil(mostBytes / PAGE_BYTES),
  };
}
