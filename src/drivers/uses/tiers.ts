// How sure a statement on a driver's tag is. Apart from the scanner, so that a look-up need not load it.

import type { DriverMatch } from "../../model/verdict.ts";

export type Tier = DriverMatch["tier"];

/** The tiers, strongest first. */
export const TIERS: readonly Tier[] = ["proven", "code", "predicted", "text"];
