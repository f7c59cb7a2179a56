// Takes the names of machines, users and folders out of a text that is going to be published.

/** What is taken out, each name always by the same stand-in. */
export interface Redaction {
  readonly hosts: readonly string[];
}

/** A place in the text where a user's name stands in a path: the part before it is kept. */
const USER_PATH = /([\\/](?:Users|home|Documents and Settings)[\\/])[^\\/\s"'<>|:]{1,256}/gi;
/** The folders of a path, drive or share included; the file name is kept. */
const FOLDERS = /(?:[A-Za-z]:[\\/]|\\\\|(?<![\w.~:/])\/)(?:[^\\/\s"'<>|:]{1,256}[\\/]){1,64}/g;

/**
 * The text without host names (HOST1, HOST2, ... in the order given), without user names in paths and without folders. Parts of
 * Windows (`C:\Windows\...`) are kept: they name no one.
 */
export function redact(text: string, { hosts }: Redaction): string {
  let out = text.replace(USER_PATH, "$1USER");
  out = out.replace(FOLDERS, (folders) => (/^[A-Za-z]:[\\/]Windows[\\/]/i.test(folders) ? folders : ""));
  hosts.forEach((host, index) => {
    if (host === "") return;
    const escaped = host.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    out = out.replace(new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, "gi"), `HOST${index + 1}`);
  });
  return out;
}
