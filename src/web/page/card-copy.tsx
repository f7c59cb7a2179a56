// A finding as text for a ticket, with one button; the names of machines and users can be taken out first.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Diagnosis, Verdict } from "../../model/verdict.ts";
import { renderIssue } from "../../reports/issue-report.ts";
import { redact } from "../../reports/redaction.ts";
import { copyText } from "./take-along.ts";

interface CopyProps {
  readonly verdict: Verdict;
  readonly diagnosis: Diagnosis;
  readonly version: string;
}

export function CardCopy({ verdict, diagnosis, version }: CopyProps): JSX.Element {
  const [isRedacted, setRedacted] = useState(false);
  const [told, setTold] = useState("");
  const copy = async (): Promise<void> => {
    const { file } = diagnosis.origin;
    const command = `poolscope leaks ${file === undefined ? "SOURCE" : JSON.stringify(file)}`;
    const text = renderIssue({ ...diagnosis, verdicts: [verdict] }, { program: `poolscope ${version}`, command });
    const { host } = diagnosis.origin;
    const isCopied = await copyText(isRedacted ? redact(text, { hosts: host === undefined ? [] : [host] }) : text);
    setTold(isCopied ? "Copied." : "This browser does not let a page copy; “poolscope issue” prints the same.");
  };
  return (
    <p class="copy">
      <button type="button" class="quiet" onClick={() => void copy()}>
        Copy for a ticket
      </button>
      <label>
        <input
          type="checkbox"
          checked={isRedacted}
          onChange={({ currentTarget: { checked } }) => {
            setRedacted(checked);
            setTold("");
          }}
        />{" "}
        without names of machines and users
      </label>
      <span role="status" class="muted">
        {told}
      </span>
    </p>
  );
}
