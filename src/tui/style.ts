// How a terminal line is put together: text with roles, roles to escape codes. Meaning never hangs on colour alone, and
// no pair of roles differs by red against green.

import { cellWidth, cut, isSimple } from "../reports/cells.ts";
import { clean } from "./text.ts";

/** What the terminal can show. */
export interface Look {
  /** False under NO_COLOR: bold and reverse stay, colours go. */
  readonly color: boolean;
  /** False for ASCII only: bars of `#`, sparklines of digits' heights. */
  readonly unicode: boolean;
}

export type Role = "plain" | "strong" | "dim" | "head" | "alarm" | "warn" | "grow" | "shrink" | "fill" | "key";

const COLORED: Readonly<Record<Role, string>> = {
  plain: "",
  strong: "1",
  dim: "90",
  head: "1;36",
  alarm: "1;30;43",
  warn: "1;33",
  grow: "33",
  shrink: "36",
  fill: "34",
  key: "1",
};

const UNCOLORED: Readonly<Record<Role, string>> = {
  plain: "",
  strong: "1",
  dim: "",
  head: "1",
  alarm: "1;7",
  warn: "1",
  grow: "",
  shrink: "",
  fill: "",
  key: "1",
};

/** Builds one line of at most `width` cells. Everything put in is cleaned; what does not fit is cut, and a mark stands where it was. */
export class Line {
  readonly #width: number;
  readonly #look: Look;
  readonly #reverse: boolean;
  #text = "";
  #cells = 0;
  #code = "";
  #isCut = false;

  constructor(width: number, look: Look, reverse = false) {
    this.#width = width;
    this.#look = look;
    this.#reverse = reverse;
  }

  /** Cells used so far. */
  get cells(): number {
    return this.#cells;
  }

  /** Cells left. */
  get room(): number {
    return this.#width - this.#cells;
  }

  put(text: string, role: Role = "plain"): this {
    if (this.#isCut || text === "") return this;
    const isSimpleText = this.#look.unicode && isSimple(text);
    const whole = isSimpleText ? text : clean(text, this.#look.unicode);
    const wide = isSimpleText ? whole.length : cellWidth(whole);
    if (wide > this.room && whole.trim() !== "") return this.#putCut(whole, role);
    const shown = wide > this.room ? whole.slice(0, this.room) : whole;
    if (shown === "") return this;
    this.#change((this.#look.color ? COLORED : UNCOLORED)[role]);
    this.#text += shown;
    this.#cells += isSimpleText ? shown.length : cellWidth(shown);
    return this;
  }

  /** The beginning that fits and the mark; where not even the mark fits, it takes the place of the last character. */
  #putCut(text: string, role: Role): this {
    this.#isCut = true;
    const mark = this.#look.unicode ? "…" : "~";
    if (this.room > 0) {
      const kept = cut(text, this.room - 1);
      this.#change((this.#look.color ? COLORED : UNCOLORED)[role]);
      this.#text += kept + mark;
      this.#cells += cellWidth(kept) + 1;
    } else if (/[\x20-\x7e]$/.test(this.#text)) {
      this.#text = this.#text.slice(0, -1) + mark;
    }
    return this;
  }

  /** Fills with spaces up to a column. */
  to(column: number): this {
    if (column > this.#cells) this.put(" ".repeat(Math.min(column, this.#width) - this.#cells));
    return this;
  }

  /** The line with its escape codes, ended by a reset where one is needed. A reversed line reaches to the right edge. */
  done(): string {
    if (this.#reverse) this.to(this.#width);
    return this.#code === "" ? this.#text : `${this.#text}\x1b[0m`;
  }

  #change(role: string): void {
    // A reversed line is all of one colour: roles would make patches of it.
    const code = this.#reverse ? (role.startsWith("1") ? "1;7" : "7") : role;
    if (code === this.#code) return;
    this.#text += code === "" ? "\x1b[0m" : `\x1b[0;${code}m`;
    this.#code = code;
  }
}
