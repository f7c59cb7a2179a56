// The time above a table, where it stands on one line or on two: `date /t` and `time /t` write a line each.

import { readDate, readMarker, type DateReading } from "./date-text.ts";

const CLOCK_ALONE =
  // bounded: MOST_CLOCK
  /^(?:\p{L}[\p{L} ]{0,30}:\s{0,8})?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,7})?)?\s{0,4}(?:[AaPp]\.?\s?[Mm]\.?|Uhr)?$/u;
const MOST_CLOCK = 80;

/** A marker of a line, a half of one that waits for the other, or nothing of a time. */
export type MarkerLine = DateReading | "half" | undefined;

export class MarkerLines {
  #date: string | undefined;
  #clock: string | undefined;

  /** What a line says of the time, with the line before where that holds the other half. */
  read(line: string): MarkerLine {
    const text = line.trim();
    if (text.length <= MOST_CLOCK && CLOCK_ALONE.test(text) && readDate(text) === undefined) {
      // bounded: MOST_CLOCK
      this.#clock = text.replace(/^\D{0,40}:\s{0,8}(?=\d)/, "");
      return this.#date === undefined ? "half" : readMarker(`${this.#date} ${this.#clock}`);
    }
    const reading = readMarker(text);
    if (reading === undefined) return undefined;
    if (reading.clock !== "absent") {
      this.clear();
      return reading;
    }
    // bounded: a marker is a short line, and so is each run of signs
    this.#date = text.replace(/^[=\-*#_\s]{1,80}|[=\-*#_\s]{1,80}$/g, "");
    return this.#clock === undefined ? reading : (readMarker(`${this.#date} ${this.#clock}`) ?? reading);
  }

  /** Rows have begun: what comes next is of another table. */
  clear(): void {
    this.#date = undefined;
    this.#clock = undefined;
  }
}
