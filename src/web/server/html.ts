// The two HTML shells: the served page, and the saved report with everything inside. All text is escaped here.

import { createHash } from "node:crypto";

/** The built page. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/** Text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? "");
}

const ICON =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#2457d6"/>' +
      '<path d="M2 12h3l2-4 2 2 4-7" fill="none" stroke="#fff" stroke-width="2"/></svg>',
  );

function head(title: string, rest: string): string {
  return (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
    '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n' +
    `<title>${escapeHtml(title)}</title>\n<link rel="icon" href="${ICON}">\n${rest}</head>\n`
  );
}

/** The served page; script and style come from the server. */
export function servedHtml(title: string): string {
  return (
    head(title, '<link rel="stylesheet" href="/page.css">\n<script src="/page.js" defer></script>\n') +
    '<body>\n<div id="app"><p class="boot">Loading the dashboard…</p></div>\n' +
    '<noscript>The dashboard needs JavaScript; <a href="/api/v1/diagnosis">the diagnosis as JSON</a> does not.</noscript>\n' +
    "</body>\n</html>\n"
  );
}

/** Headers of everything the server sends: nothing from elsewhere, nothing inline, never in a frame. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/**
 * The saved report. `packed` is the base64 of the gzipped data; `plain` is HTML for readers without scripts (mail
 * previews), already escaped, which the page replaces.
 */
export function reportHtml(title: string, { script, style }: PageAssets, packed: string, plain: string): string {
  // `</script` cannot occur in what esbuild writes, `</style` in no style sheet; the check keeps that true.
  if (/<\/script/i.test(script) || /<\/style/i.test(style))
    throw new Error("the page's own code would end its element");
  const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return (
    head(
      title,
      `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">\n<style>${style}</style>\n`,
    ) +
    `<body>\n<div id="app">${plain}</div>\n` +
    `<script type="application/gzip" id="data">${packed}</script>\n<script>${script}</script>\n</body>\n</html>\n`
  );
}
