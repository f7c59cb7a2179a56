// Findings on a driver as SARIF 2.1.0, the form in which build servers take the results of analyses.
// Spec: OASIS "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

import { DRIVER_RULES, type DriverFinding, type DriverSite } from "../model/driver.ts";
import { DRIVER_RULE_WORDS, driverFindingText } from "../words/driver-rules.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/** One run: a result for each finding, with a location for each call. `uri` names the driver's file. */
export function renderSarif(uri: string, version: string, findings: readonly DriverFinding[]): string {
  const rules = DRIVER_RULES.map((id) => {
    const { title, help, level } = DRIVER_RULE_WORDS[id];
    return {
      id,
      shortDescription: { text: `${title}.` },
      help: { text: help },
      defaultConfiguration: { level },
    };
  });
  const results = findings.map((finding) => ({
    ruleId: finding.rule,
    ruleIndex: DRIVER_RULES.indexOf(finding.rule),
    level: DRIVER_RULE_WORDS[finding.rule].level,
    message: { text: driverFindingText(finding) },
    locations: finding.sites.slice(0, 1).map((site) => locationOf(uri, site)),
    relatedLocations: finding.sites.slice(1).map((site, id) => ({ id, ...locationOf(uri, site) })),
  }));
  const log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "poolscope", semanticVersion: version, rules } },
        artifacts: [{ location: { uri } }],
        results,
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function locationOf(uri: string, site: DriverSite): object {
  return {
    physicalLocation: {
      artifactLocation: { uri, index: 0 },
      address: { relativeAddress: site.rva, kind: "instruction", fullyQualifiedName: site.api },
    },
    ...(site.symbol === undefined ? {} : { logicalLocations: [{ name: site.symbol, kind: "function" }] }),
  };
}
