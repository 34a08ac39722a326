import type { ReactNode } from "react";
import type { OperationSummary, Summary } from "../../server/dashboard/shapes.ts";
import { useNow } from "./now.ts";
import { durationText, labelText } from "./text.ts";

export interface OperationTextProps {
  readonly operation: OperationSummary;
  readonly error: Summary["error"];
}

/** The current activity of an operation, or the reason why it did not succeed. */
export function OperationText({ operation, error }: OperationTextProps): ReactNode {
  const { kind, failures } = operation;
  return (
    <>
      <span className="operation-kind">
        {labelText(kind)}
        {failures > 0 ? <span className="attempt">, try {failures + 1}</span> : null}
      </span>
      {error === undefined ? (
        <Activity operation={operation} />
      ) : (
        <span className="row-error">{error.detail || error.title}</span>
      )}
    </>
  );
}

function Activity({ operation }: { readonly operation: OperationSummary }): ReactNode {
  const now = useNow();
  const text = activityText(operation, now);
  return text === "" ? null : <span className="row-note">{text}</span>;
}

function activityText({ state, awaiting, dueAt, failures }: OperationSummary, now: number): string {
  const due = dueAt === null || dueAt <= now ? "" : durationText(Math.ceil((dueAt - now) / 1000) * 1000);
  switch (state) {
    case "pending":
      if (due !== "") return failures > 0 ? `retries in ${due}` : `starts in ${due}`;
      return "waiting for a worker";
    case "waiting":
      if (awaiting.length > 0) return `waiting for ${awaiting.map((name) => name.replaceAll("-", " ")).join(" or ")}`;
      return due === "" ? "continues immediately" : `continues in ${due}`;
    case "cancelling":
      return "waiting for its worker to stop";
    case "undoing":
      return "undoing completed steps";
    default:
      return "";
  }
}
