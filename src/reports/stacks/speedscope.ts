// The file format of speedscope: one sampled profile per tag. https://www.speedscope.app/file-format-schema.json

import type { PoolTrace } from "../../model/stacks.ts";
import { rootText, sampledTags, type Weight } from "./samples.ts";

export function renderSpeedscope(trace: PoolTrace, weight: Weight): string {
  const numbers = new Map<string, number>();
  const frames: { name: string; file?: string }[] = [];
  const numberOf = (text: string, file: string | undefined): number => {
    let number = numbers.get(text);
    if (number === undefined) {
      number = frames.length;
      numbers.set(text, number);
      frames.push(file === undefined ? { name: text } : { name: text, file });
    }
    return number;
  };
  const profiles = sampledTags(trace, weight).map(({ tag, samples, bytes }) => ({
    type: "sampled",
    name: `${rootText(tag)}, bytes ${weight}`,
    unit: "bytes",
    startValue: 0,
    endValue: bytes,
    samples: samples.map((sample) => sample.frames.map((each) => numberOf(each.text, each.frame?.module))),
    weights: samples.map((sample) => sample.bytes),
  }));
  return `${JSON.stringify({
    $schema: "https://www.speedscope.app/file-format-schema.json",
    exporter: "poolscope",
    name: trace.file ?? "pool trace",
    activeProfileIndex: 0,
    shared: { frames },
    profiles,
  })}\n`;
}
