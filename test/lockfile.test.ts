// The lockfile pins every package by its hash, and no package runs a script at installation unasked.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { lockfileFaults } from "../scripts/check-lockfile.ts";
import { renderNotices } from "../scripts/supply-chain.ts";

const read = (name: string): string => readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), "utf8");

test("the lockfile is sound", () => {
  expect(
    lockfileFaults(JSON.parse(read("package.json")) as never, JSON.parse(read("package-lock.json")) as never),
  ).toEqual([]);
});

test("a package without a hash, from elsewhere, with a script, or not of package.json is told", () => {
  const own = { dependencies: { a: "^1.0.0" } };
  const sound = { version: "1.0.0", integrity: "sha512-AAAA" };
  const faults = (a: object, dependencies: Readonly<Record<string, string>> = own.dependencies): string[] =>
    lockfileFaults(own, { packages: { "": { dependencies }, "node_modules/a": { ...sound, ...a } } });
  expect(faults({})).toEqual([]);
  expect(faults({ integrity: undefined }).join()).toMatch(/node_modules\/a 1\.0\.0: no SHA-512/);
  expect(faults({ integrity: "sha1-AAAA" }).join()).toMatch(/no SHA-512/);
  expect(faults({ resolved: "git+ssh://elsewhere/a.git" }).join()).toMatch(/not from a registry over HTTPS/);
  expect(faults({ hasInstallScript: true }).join()).toMatch(/runs a script when it is installed/);
  expect(faults({ dependencies: { b: "^1.0.0" } }).join()).toMatch(
    /node_modules\/a: needs b, which the lockfile does not hold/,
  );
  expect(faults({ optional: true, engines: { node: ">=22.15.0" } }).join()).toMatch(/optional and not for Node 20/);
  expect(faults({ optional: true, engines: { node: "^18.19.0 || >=20.6.0" } })).toEqual([]);
  expect(faults({}, { a: "^2.0.0" }).join()).toMatch(/dependencies of package.json and of the lockfile differ/);
});

test("THIRD-PARTY-NOTICES.txt is that of the packages that are handed out; `npm run notices` makes it anew", () => {
  expect(read("THIRD-PARTY-NOTICES.txt")).toBe(renderNotices());
  expect(renderNotices()).toMatch(/^preact [\d.]+$/m);
});
