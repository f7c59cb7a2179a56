// Signs an executable with osslsigncode where a certificate is given by the environment: POOLSCOPE_SIGN_PKCS12 (a file),
// POOLSCOPE_SIGN_PASSWORD_FILE, POOLSCOPE_SIGN_TIMESTAMP (a server's address, none without it).

import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";

export interface Certificate {
  /** PKCS #12 file with key and chain. */
  readonly pkcs12: string;
  /** File whose first line is its password, so that it stands on no command line. */
  readonly passwordFile: string;
  /** RFC 3161 server; without it the signature ends with the certificate. */
  readonly timestamp?: string;
}

/** The certificate that the environment names; undefined where it names none. Throws where it names half of one. */
export function certificateOf(env: Readonly<Record<string, string | undefined>>): Certificate | undefined {
  const pkcs12 = env["POOLSCOPE_SIGN_PKCS12"] ?? "";
  const passwordFile = env["POOLSCOPE_SIGN_PASSWORD_FILE"] ?? "";
  const timestamp = env["POOLSCOPE_SIGN_TIMESTAMP"] ?? "";
  if (pkcs12 === "" && passwordFile === "") return undefined;
  if (pkcs12 === "" || passwordFile === "")
    throw new Error("signing needs both POOLSCOPE_SIGN_PKCS12 and POOLSCOPE_SIGN_PASSWORD_FILE");
  return { pkcs12, passwordFile, ...(timestamp === "" ? {} : { timestamp }) };
}

/** Signs a PE file in place (Authenticode, SHA-256). Throws with what osslsigncode said. */
export function signExecutable(path: string, { pkcs12, passwordFile, timestamp }: Certificate): void {
  const signed = `${path}.signed`;
  const stamp = timestamp === undefined ? [] : ["-ts", timestamp];
  const key = ["-pkcs12", pkcs12, "-readpass", passwordFile];
  execFileSync(
    "osslsigncode",
    ["sign", ...key, "-h", "sha256", "-n", "poolscope", ...stamp, "-in", path, "-out", signed],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  renameSync(signed, path);
}
