// What a terminal sends, as keys: characters, named keys, and the mouse in SGR coordinates. Bytes cut anywhere are
// kept for the next call; a lone escape becomes the Esc key when the caller says that nothing follows.

/** A key, a mouse event or a new size. `name` of a character key is the character itself. */
export type Key =
  | { readonly kind: "key"; readonly name: string }
  | {
      readonly kind: "mouse";
      readonly action: "click" | "wheel-up" | "wheel-down";
      readonly column: number;
      readonly row: number;
    };

export interface Decoded {
  readonly keys: readonly Key[];
  /** An unfinished sequence to put before the next input. */
  readonly rest: string;
}

const LETTERS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  H: "home",
  F: "end",
  Z: "backtab",
};

const NUMBERS: Readonly<Record<string, string>> = {
  "1": "home",
  "2": "insert",
  "3": "delete",
  "4": "end",
  "5": "pageup",
  "6": "pagedown",
  "7": "home",
  "8": "end",
};

const CONTROLS: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x03": "ctrl-c",
  "\x0c": "ctrl-l",
  "\x15": "ctrl-u",
  "\x1a": "ctrl-z",
};

/** Longest sequence that is waited for; anything longer is no sequence we know and is dropped. */
const MAX_SEQUENCE = 64;

/** Decodes input. With `final` an unfinished escape is taken as the Esc key instead of being kept. */
export function decodeKeys(input: string, final = false): Decoded {
  const keys: Key[] = [];
  let at = 0;
  while (at < input.length) {
    const character = String.fromCodePoint(input.codePointAt(at) ?? 0);
    if (character !== "\x1b") {
      const name = CONTROLS[character] ?? (character >= " " ? character : undefined);
      if (name !== undefined) keys.push({ kind: "key", name });
      at += character.length;
      continue;
    }
    const found = escapeAt(input, at);
    if (found === "unfinished") {
      if (!final && input.length - at < MAX_SEQUENCE) return { keys, rest: input.slice(at) };
      keys.push({ kind: "key", name: "escape" });
      at += 1;
      if (input.length - at >= MAX_SEQUENCE) at = input.length;
      continue;
    }
    if (found.key !== undefined) keys.push(found.key);
    at += found.length;
  }
  return { keys, rest: "" };
}

function escapeAt(input: string, at: number): { readonly key?: Key; readonly length: number } | "unfinished" {
  const second = input[at + 1];
  if (second === undefined) return "unfinished";
  if (second === "O") {
    const letter = input[at + 2];
    if (letter === undefined) return "unfinished";
    return named(LETTERS[letter], 3);
  }
  // Alt with a key, or Esc pressed just before another key: Esc alone, the rest is read as usual.
  if (second !== "[") return { key: { kind: "key", name: "escape" }, length: 1 };
  let end = at + 2;
  while (end < input.length && !/[@-~]/.test(input[end] ?? "")) end += 1;
  const last = input[end];
  if (last === undefined) return "unfinished";
  const length = end + 1 - at;
  const parameters = input.slice(at + 2, end);
  if (parameters.startsWith("<") && (last === "M" || last === "m")) return mouse(parameters.slice(1), last, length);
  if (last === "~") return named(NUMBERS[parameters.split(";")[0] ?? ""], length);
  return named(LETTERS[last], length);
}

function named(name: string | undefined, length: number): { readonly key?: Key; readonly length: number } {
  return name === undefined ? { length } : { key: { kind: "key", name }, length };
}

function mouse(parameters: string, last: string, length: number): { readonly key?: Key; readonly length: number } {
  const [button = -1, column = 0, row = 0] = parameters.split(";").map(Number);
  const action =
    button === 64 ? "wheel-up" : button === 65 ? "wheel-down" : button === 0 && last === "M" ? "click" : undefined;
  if (action === undefined || !(column >= 1) || !(row >= 1)) return { length };
  return { key: { kind: "mouse", action, column, row }, length };
}
