// The section of CHANGELOG.md that a release is described by.

/**
 * Text of a version's section without its heading, e.g. of `## 0.1.0 - 2026-12-01`; where there is none, that of `## Unreleased`.
 * Throws where neither is there, or the section is empty.
 */
export function changelogSection(changelog: string, version: string): string {
  const sections = new Map<string, string>();
  for (const part of changelog.split(/^## /m).slice(1)) {
    const [heading = "", ...rest] = part.split("\n");
    sections.set(heading.trim().split(/\s/, 1)[0] ?? "", rest.join("\n").trim());
  }
  const text = sections.get(version) ?? sections.get(`[${version}]`) ?? sections.get("Unreleased");
  if (text === undefined || text === "") throw new Error(`CHANGELOG.md has no section ${version} and none Unreleased`);
  return text;
}
