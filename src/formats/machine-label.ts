// The machine that a line names above a table of a mail or a log: `SRV01:`, `=== SRV02 ===`, `Computer name: X`, `the other server:`.
// What names a moment (`before:`, `after reboot`) or a piece of text names no machine.

/** Words that stand for a machine. */
const MACHINE = String.raw`host|server|machine|computer|node|box|vm|pc|system|workstation|client|rechner|maschine|serveur|servidor|equipo`;
// bounded: MOST_LABEL
const NAMED = new RegExp(
  String.raw`^(?:(?:${MACHINE})[ _-]?(?:name)?|pscomputername)[ .]*[:=]\s*"?\\{0,2}([\p{L}\d][\p{L}\d._-]{0,62})"?$`,
  "iu",
);
/** A remote prompt of PowerShell, a heading of PsExec and of Ansible. */
const TOOLS = [/^\[([\w.-]{1,63})\]: PS /, /^\\\\([\w.-]{1,63}):$/, /^([\w.-]{1,63}) \| (?:CHANGED|SUCCESS|FAILED)\b/];
const LEADING =
  /^(?:output|poolmon|pool|results?|listing|here|this|that|is|and|now|then|from|on|of|for|the|our|my|auf|von|vom|bei|und|der|dem|den|sur|du|de|le|la|el|en|desde)$/i;
const MACHINE_WORD = new RegExp(`^(?:${MACHINE})$`, "i");
const MOMENT =
  /\b(?:before|after|first|second time|start|begin|end|later|earlier|reboot\w*|restart\w*|hours?|minutes?|days?|weeks?|today|yesterday|morning|evening|night|now|then|idle|busy|load\w*|vorher|nachher|vor|nach|gestern|heute|avant|après|antes|después)\b/iu;
/** Words with a number that are headings of something else. */
const NO_NAME =
  /^(?:test|run|snap(?:shot)?|sample|day|week|step|take|try|round|pass|phase|t|time|pool(?:mon|used)?|log|dump|file|out|tab(?:le)?|fig|pic|part|attempt|iteration|loop|messung|mesure|kb|win(?:dows)?|w2k|ws|v|ver(?:sion)?|build|x|no|nr|note|edit|update|fyi|ps|ps[cd]|tldr|todo|cc|re|fw|aw|to|nonp|paged|nonpaged|np|pp|utf|sha|md|http|https|utc|gmt|cet|cest|mez|mesz|est|edt|pst|pdt|am|pm|tag|type|total|totals|warning|error|info|debug|question|answer|result|hi|hello|[a-z])[-_]?\d{0,8}$/i;
const FILE = /\.(?:exe|sys|txt|log|csv|dll|ps1|zip|out|cmd|bat|dmp|etl|json|html?|xlsx?|inf|md)$/i;
/** A label is short; longer lines are text. */
const MOST_LABEL = 80;
const MOST_WORDS = 7;

/** The name of the machine, or undefined where the line names none. A name without a mark around it must look like one (`SRV01`). */
export function machineLabel(line: string): string | undefined {
  const text = line.trim();
  if (text === "" || text.length > MOST_LABEL || /[\t|]/.test(text.replace(/ \| /g, " "))) return undefined;
  const named = NAMED.exec(text)?.[1];
  if (named !== undefined) return named;
  for (const pattern of TOOLS) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  const bare = withoutMarks(text);
  const isMarked = bare !== text;
  // What stands in brackets behind a name is said of it.
  // bounded: MOST_LABEL
  const words = bare.replace(/\s\([^()]{0,60}\)$/, "").split(/\s+/);
  if (words.length > MOST_WORDS) return undefined;
  const isCalled = words.some((word) => MACHINE_WORD.test(word));
  const rest = words.filter((word) => !LEADING.test(word) && !MACHINE_WORD.test(word));
  const [name] = rest;
  if (name !== undefined && rest.length === 1 && isName(name, isMarked || isCalled)) return name;
  const isHeading = text.endsWith(":") && isCalled && rest.length <= 2 && !MOMENT.test(bare);
  return isHeading ? bare : undefined;
}

/** The text without rulers, bold marks, brackets and the colon around it. */
function withoutMarks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && /[-=*#_~<>[\](){}`"'•\s]/.test(text[start] ?? "")) start += 1;
  while (end > start && /[-=*#_~<>[\]{}`"'•:\s]/.test(text[end - 1] ?? "")) end -= 1;
  return text.slice(start, end);
}

function isName(word: string, isMarked: boolean): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_-]{1,62}(?:\.[A-Za-z0-9-]{1,63}){0,6}$/.test(word)) return false;
  if (NO_NAME.test(word) || FILE.test(word)) return false;
  const [host = ""] = word.split(".");
  if (/\d/.test(host)) return true;
  if (!isMarked) return false;
  return host !== word || /^[A-Z][A-Z-]{1,14}$/.test(word);
}

/** The machine named beside a date in a ruler: `=== SRV01 2025-03-04 09:15 ===`; only a name that cannot be a word. */
export function machineBeside(around: string): string | undefined {
  const words = around.split(/[^\w.-]+/).filter((word) => /[a-z]/i.test(word));
  const [name] = words;
  return words.length === 1 && name !== undefined && /\d/.test(name) && isName(name, false) ? name : undefined;
}
