// Two lines of help for each term that a page or a screen uses: what it is, and what it means for the reader.

export const TERMS = {
  tag: "Four characters that a driver gives with every allocation, so that Windows can count by them. A tag names who allocates, not who forgets to free.",
  nonpaged:
    "Kernel memory that always stays in RAM. Where it runs out, drivers and the network fail before programs do.",
  paged:
    "Kernel memory that Windows may move to the page file. It counts against the commit limit, and has a limit of its own.",
  "per block":
    "Bytes held divided by blocks held. Where blocks grow in number, something is never freed; where they grow in size, one structure is extended.",
  "per hour":
    "For a finding: its growth over the time of its growth, as the finding tells it. For every other row: its change over the time that is named above the table.",
  lockstep:
    "Tags whose numbers of blocks rise together, so many of the one for one of the other. They are one leak: what makes the first makes the others.",
  sure: "How often such a statement was right on recordings whose truth was known. It speaks of the growth being a leak, not of who causes it, and is never 100 %.",
  "too early":
    "It grows, and the record is too short to tell whether that ends. It is no finding: a longer record decides.",
  verdict:
    "What the models say of a row: a leak, something harmless with its name, too early, or not judged. Steady means looked at and not growing.",
} as const;

export type Term = keyof typeof TERMS;
