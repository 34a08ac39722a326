import type { ReactNode } from "react";
import type { OperationSummary, Summary } from "../../server/dashboard/shapes.ts";
import { useNow } from "./now.ts";
import { durationText, labelText } from "./text.ts";

export interface OperationTextProps {
  readonly operation: OperationSummary;
  readonly error: Summary["error"];
}

/** What an operation is doing, or why it did not succeed. */
export function OperationText({ operation, error }: OperationTextProps): ReactNode {
  const { kind, failures } = operation;
  return (
    <>
      <span className="operation-kind">
        {labelText(kind)}
        {failures > 0 ? <span className="attempt">, try {failures + 1}</span> : null}
      </span>
      {error === undefined ? (
        <Doing operation={operation} />
      ) : (
        <span className="row-error">{error.detail || error.title}</span>
      )}
    </>
  );
}

function Doing({ operation }: { readonly operation: OperationSummary }): ReactNode {
  const now = useNow();
  const text = doingText(operation, now);
  return text === "" ? null : <span className="row-note">{text}</span>;
}

function doingText({ state, awaiting, dueAt, failures }: OperationSummary, now: number): string {
  const due = dueAt === null || dueAt <= now ? "" : durationText(Math.ceil((dueAt - now) / 1000) * 1000);
  switch (state) {
    case "pending":
      if (due !== "") return failures > 0 ? `tries again in ${due}` : `begins in ${due}`;
      return "waits for a worker";
    case "waiting":
      if (awaiting.length > 0) return `waits for ${awaiting.map((name) => name.replaceAll("-", " ")).join(" or ")}`;
      return due === "" ? "goes on at once" : `goes on in ${due}`;
    case "cancelling":
      return "stops";
    case "undoing":
      return "undoes what was done";
    default:
      return "";
  }
}
