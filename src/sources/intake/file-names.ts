// What names of files tell besides a date: the part that may be a host, and whether they count up.

import { basename, dirname } from "node:path";
import { monthOf, weekdayOfWord } from "../../formats/calendar-words.ts";

/** Words of file names that are not hosts. */
const NOT_HOSTS =
  /^(?:pool(?:mon|used|snap|tag|log)?s?|xray|log|logs|snap(?:shot)?|out(?:put)?|mem(?:ory)?|dump|perf|counter|data|txt|csv|before|after|start|end|first|last|begin|old|new|day|night|run|test|loop|baseline|idle|load|paged|nonpaged|np|t|at|utc|am|pm|copy|final|[a-z])$/i;

export interface HostLabels {
  /** Label of each file. */
  readonly names: readonly string[];
  /** The labels are made like host names: they end in digits, or xray's form names them. */
  readonly likeHosts: boolean;
}

/** Labels by what varies between names of files beside dates and numbers; undefined where nothing does. */
export function hostLabels(paths: readonly string[]): HostLabels | undefined {
  const parts = paths.map(wordsOf);
  const distinct = new Set(paths);
  const count = new Map<string, number>();
  for (const path of distinct) for (const word of new Set(wordsOf(path))) count.set(word, (count.get(word) ?? 0) + 1);
  const names = parts.map((words) => words.filter((word) => (count.get(word) ?? 0) < distinct.size).join(" "));
  const labels = new Set(names);
  if (labels.size < 2 || labels.has("")) return undefined;
  // A word of its own for every one of many files numbers them.
  const isNumbering = labels.size === distinct.size && distinct.size > 8;
  if (isNumbering) return undefined;
  // bounded: names of files
  const likeHosts = [...labels].every((label) => /[a-z][\w-]*\d$/i.test(label) || /^[A-Z][A-Z0-9-]{2,14}$/.test(label));
  return { names, likeHosts: likeHosts && !/^(?:snap|pool|run|test|day|log|t|n)\d+$/i.test([...labels][0] ?? "") };
}

function wordsOf(path: string): string[] {
  const folder = basename(dirname(path));
  const stem = basename(path).replace(/(?:\.[a-z]{2,4}){1,2}$/i, "");
  return (
    [...folder.split(/[\s_.()[\],]+/), ...stem.split(/[\s_.()[\],]+/)]
      .flatMap((word) =>
        /\d{4}-\d{2}|\d{2}-\d{2}|^\d+-/.test(word)
          ? word
              .replace(/[\d:-]{4,}/g, " ")
              .trim()
              .split(/\s+/)
          : [word],
      )
      // bounded: names of files
      .map((word) => word.replace(/^-+|-+$/g, ""))
      .filter((word) => /[a-z]/i.test(word) && !NOT_HOSTS.test(word))
      // bounded: names of files
      .filter((word) => !/^\d+(?:st|nd|rd|th|h|m|s|min)?\d*$/i.test(word) && !/^\d{1,2}[a-z]{3,9}\d{2,4}$/i.test(word))
      .filter((word) => monthOf(word) === undefined && weekdayOfWord(word) === undefined)
  );
}

/** Whether names, without a common start, count up: `snap1`, `snap2`, `snap10`. The order that they give, or undefined. */
export function countingOrder(paths: readonly string[]): readonly number[] | undefined {
  // bounded: names of files
  const numbers = paths.map((path) => /(\d+)\D*$/.exec(basename(path).replace(/\.[a-z0-9]{1,4}(?:\.gz)?$/i, ""))?.[1]);
  if (numbers.includes(undefined) || new Set(numbers.map(Number)).size !== paths.length) return undefined;
  return numbers.map(Number);
}
