import type { ReactNode } from "react";
import type { ResourceUpdate } from "../api/live-resources.ts";
import { OperationText } from "../components/operation-text.tsx";
import { Progress, Remaining } from "../components/progress.tsx";
import { durationText } from "../components/text.ts";

interface OperationStatusProps {
  readonly summary: ResourceUpdate | undefined;
  /** The field of the representation. */
  readonly queuePosition: unknown;
}

/** Progress and time remaining of the latest operation, its duration, or its error. */
export function OperationStatus({ summary, queuePosition }: OperationStatusProps): ReactNode {
  if (summary === undefined) return <div className="operation-status" aria-busy="true" />;
  const { operation, error, percent } = summary;
  if (error !== undefined) {
    return (
      <div className="operation-status">
        <div className={error.code === "cancelled" ? "callout" : "callout callout-bad"}>
          <p className="callout-title">{error.title}</p>
          <p>{error.detail}</p>
          <p className="callout-code">
            <code>{error.code}</code>
            {error.retryable ? ", retryable" : ""}
          </p>
        </div>
      </div>
    );
  }
  if (operation.settledAt !== null) {
    return (
      <div className="operation-status operation-settled">
        <OperationText operation={operation} error={undefined} />
        <span className="took">took {durationText(operation.settledAt - operation.acceptedAt)}</span>
      </div>
    );
  }
  return (
    <div className="operation-status">
      <Progress percent={percent} label="Progress" />
      <div className="progress-text">
        <span>
          <OperationText operation={operation} error={undefined} />
          {typeof queuePosition === "number" ? `, number ${queuePosition} in its queue` : null}
        </span>
        <span>
          {percent === undefined ? null : <strong>{percent}%</strong>} <Remaining item={summary} />
        </span>
      </div>
    </div>
  );
}
