// One parser of the campaign.

export interface FuzzedParser {
  readonly name: string;
  /** Share of the campaign; a dump takes a thousand times as long as a line. */
  readonly weight: number;
  readonly seeds: readonly Uint8Array[];
  /** May answer a promise: then the input ends when that does. */
  readonly parse: (bytes: Uint8Array) => unknown;
}
