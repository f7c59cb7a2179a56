// The format of pprof (github.com/google/pprof, proto/profile.proto): a protocol buffer of samples, locations and names.

import type { PoolTrace } from "../../model/stacks.ts";
import { rootText, sampledTags, type Weight } from "./samples.ts";

/** Field numbers of profile.proto. */
const PROFILE = {
  sampleType: 1,
  sample: 2,
  location: 4,
  function: 5,
  text: 6,
  timeNanos: 9,
  durationNanos: 10,
} as const;
const VALUE_TYPE = { type: 1, unit: 2 } as const;
const SAMPLE = { location: 1, value: 2 } as const;
const LOCATION = { id: 1, line: 4 } as const;
const LINE = { function: 1 } as const;
const FUNCTION = { id: 1, name: 2, systemName: 3, file: 4 } as const;

/** The uncompressed profile; tools read it as it is or gzipped. Every sample has blocks and bytes. */
export function encodePprof(trace: PoolTrace, weight: Weight): Uint8Array {
  const texts = new Map<string, number>([["", 0]]);
  const textOf = (text: string): number => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, texts.size);
    return texts.size - 1;
  };
  const locations = new Map<string, number>();
  const profile = new Message();
  const named = new Message();
  const locationOf = (text: string, file: string): number => {
    const known = locations.get(text);
    if (known !== undefined) return known;
    const id = locations.size + 1;
    locations.set(text, id);
    const name = textOf(text);
    named.message(
      PROFILE.location,
      new Message().number(LOCATION.id, id).message(LOCATION.line, new Message().number(LINE.function, id)),
    );
    named.message(
      PROFILE.function,
      new Message()
        .number(FUNCTION.id, id)
        .number(FUNCTION.name, name)
        .number(FUNCTION.systemName, name)
        .number(FUNCTION.file, textOf(file)),
    );
    return id;
  };
  for (const [type, unit] of [
    ["blocks", "count"],
    [weight, "bytes"],
  ] as const) {
    profile.message(
      PROFILE.sampleType,
      new Message().number(VALUE_TYPE.type, textOf(type)).number(VALUE_TYPE.unit, textOf(unit)),
    );
  }
  for (const { tag, samples } of sampledTags(trace, weight)) {
    for (const sample of samples) {
      const ids = sample.frames.map((each) => locationOf(each.text, each.frame?.module ?? "")).reverse();
      ids.push(locationOf(rootText(tag), ""));
      profile.message(
        PROFILE.sample,
        new Message().packed(SAMPLE.location, ids).packed(SAMPLE.value, [sample.blocks, sample.bytes]),
      );
    }
  }
  profile.append(named);
  for (const text of texts.keys()) profile.text(PROFILE.text, text);
  if (trace.from !== undefined) profile.number(PROFILE.timeNanos, Math.round(trace.from) * 1e6);
  profile.number(PROFILE.durationNanos, Math.round(trace.milliseconds * 1e6));
  return profile.toBytes();
}

/** A protocol buffer message under construction. */
class Message {
  readonly #bytes: number[] = [];

  number(field: number, value: number): this {
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  packed(field: number, values: readonly number[]): this {
    const body = new Message();
    for (const value of values) body.#varint(value);
    return this.message(field, body);
  }

  message(field: number, body: Message): this {
    this.#varint(field * 8 + 2);
    this.#varint(body.#bytes.length);
    return this.append(body);
  }

  text(field: number, text: string): void {
    const body = new Message();
    // UTF-8 of names from files; encodeURIComponent is the pure way to it, lone surrogates become a question mark.
    for (const byte of unescapeUtf8(text.toWellFormed())) body.#bytes.push(byte);
    this.message(field, body);
  }

  append(other: Message): this {
    for (const byte of other.#bytes) this.#bytes.push(byte);
    return this;
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #varint(value: number): void {
    let rest = Math.max(0, Math.floor(value));
    while (rest >= 128) {
      this.#bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes.push(rest);
  }
}

function unescapeUtf8(text: string): number[] {
  const bytes: number[] = [];
  const escaped = encodeURIComponent(text);
  for (let i = 0; i < escaped.length; i++) {
    if (escaped[i] === "%") {
      bytes.push(Number.parseInt(escaped.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(escaped.charCodeAt(i));
  }
  return bytes;
}
