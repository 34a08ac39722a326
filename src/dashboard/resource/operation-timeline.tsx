import type { ReactNode } from "react";
import type { Heard } from "../api/resources.ts";
import { OperationText } from "../components/operation-text.tsx";
import { Progress } from "../components/progress.tsx";
import { Remaining } from "../components/remaining.tsx";
import { durationText } from "../components/text.ts";

/** How far it is, how long that will still take, and what went wrong. */
export function Course({ summary }: { readonly summary: Heard | undefined }): ReactNode {
  if (summary === undefined) return <div className="course-box" aria-busy="true" />;
  const { operation, error, percent } = summary;
  if (error !== undefined) {
    return (
      <div className="course-box">
        <div className={error.code === "cancelled" ? "callout" : "callout callout-bad"}>
          <p className="callout-title">{error.title}</p>
          <p>{error.detail}</p>
          <p className="callout-code">
            <code>{error.code}</code>
            {error.retryable ? ", may succeed on another try" : ""}
          </p>
        </div>
      </div>
    );
  }
  if (operation.settledAt !== null) {
    return (
      <div className="course-box course-settled">
        <OperationText operation={operation} error={undefined} />
        <span className="took">took {durationText(operation.settledAt - operation.acceptedAt)}</span>
      </div>
    );
  }
  return (
    <div className="course-box">
      <Progress percent={percent} label="Progress" />
      <div className="course">
        <span>
          <OperationText operation={operation} error={undefined} />
        </span>
        <span>
          {percent === undefined ? null : <strong>{percent}%</strong>} <Remaining item={summary} />
        </span>
      </div>
    </div>
  );
}
