// A check as JUnit XML, the form that build servers show as test results.

/** One checked thing. */
export interface JUnitCase {
  readonly name: string;
  /** Sentences; empty where it passed. */
  readonly failures: readonly string[];
  readonly output: string;
}

/** The XML of one suite, UTF-8, with a final newline. */
export function renderJUnit(suite: string, cases: readonly JUnitCase[], seconds: number): string {
  const failed = cases.filter((each) => each.failures.length > 0).length;
  const attributes = `name="${escapeXml(suite)}" tests="${cases.length}" failures="${failed}" errors="0" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failed}" errors="0">`,
    `  <testsuite ${attributes}>`,
    ...cases.flatMap((each) => [
      `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(each.name)}">`,
      ...each.failures.map((text) => `      <failure message="${escapeXml(text)}"/>`),
      `      <system-out>${escapeXml(each.output)}</system-out>`,
      "    </testcase>",
    ]),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/g, "?");
}
