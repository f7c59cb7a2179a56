// Whether only administrators can change a file that SYSTEM runs, reads or writes. Pure: from its security descriptor.

import { parseSecurityDescriptor, type AccessEntry } from "../../formats/security-descriptor.ts";
import { isKnownError } from "../../model/errors.ts";

const SYSTEM = "S-1-5-18";
const ADMINISTRATORS = "S-1-5-32-544";
/** The service that installs Windows' own files. */
const TRUSTED_INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
/** Entries that stand for whoever owns: the owner is looked at by itself. */
const OWNER_RIGHTS = "S-1-3-4";
const CREATOR_OWNER = "S-1-3-0";

const TRUSTED: ReadonlySet<string> = new Set([SYSTEM, ADMINISTRATORS, TRUSTED_INSTALLER]);

const NAMES: Readonly<Record<string, string>> = {
  [SYSTEM]: "SYSTEM",
  [ADMINISTRATORS]: "Administrators",
  [TRUSTED_INSTALLER]: "TrustedInstaller",
  "S-1-1-0": "Everyone",
  "S-1-5-4": "Interactive",
  "S-1-5-11": "Authenticated Users",
  "S-1-5-32-545": "Users",
  "S-1-5-32-546": "Guests",
  "S-1-5-32-547": "Power Users",
};

/**
 * Rights with which a file can be changed or replaced: write data (or make a file), append (or make a folder), delete a
 * child, delete, change the list, take ownership, GENERIC_WRITE, GENERIC_ALL. winnt.h.
 */
const CHANGING = (0x2 | 0x4 | 0x40 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x4000_0000 | 0x1000_0000) >>> 0;

const INHERIT_ONLY = 8;
const ALLOWED: ReadonlySet<number> = new Set([0, 5, 9, 11]);

/**
 * The access list that the data folder is made with: owned by the administrators, nothing inherited, changed by SYSTEM and
 * administrators, read by users. SDDL, see "Security Descriptor String Format".
 */
export const DATA_FOLDER_SDDL = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)";

export interface Ownership {
  /** The SID of the owner, where it could be read. */
  readonly owner: string | undefined;
  /** Why others than administrators can change it, in words; undefined where they cannot. */
  readonly problem: string | undefined;
}

/** Judges a descriptor; `undefined` for one that Windows did not tell, which is not taken for a good one. */
export function judgeOwnership(descriptor: Uint8Array | undefined): Ownership {
  if (descriptor === undefined) return { owner: undefined, problem: "its owner and access list cannot be read" };
  try {
    const { owner, entries } = parseSecurityDescriptor(descriptor);
    if (owner === undefined || !TRUSTED.has(owner))
      return { owner, problem: `it is owned by ${owner === undefined ? "nobody" : nameOf(owner)}` };
    if (entries === undefined) return { owner, problem: "it has no access list, so that everybody may change it" };
    const others = [...new Set(entries.filter(lets).map(({ sid }) => (sid === undefined ? "somebody" : nameOf(sid))))];
    return { owner, problem: others.length === 0 ? undefined : `${others.join(" and ")} may change it` };
  } catch (error) {
    if (!isKnownError(error)) throw error;
    return { owner: undefined, problem: error.message };
  }
}

/** Whether an entry lets somebody change the file, or what is made in the folder, who is no administrator. */
function lets({ type, flags, mask, sid }: AccessEntry): boolean {
  if (!ALLOWED.has(type) || (mask & CHANGING) === 0) return false;
  if (sid === CREATOR_OWNER) return (flags & INHERIT_ONLY) === 0;
  return sid === undefined || (sid !== OWNER_RIGHTS && !TRUSTED.has(sid));
}

function nameOf(sid: string): string {
  const name = NAMES[sid];
  return name === undefined ? sid : `${name} (${sid})`;
}
