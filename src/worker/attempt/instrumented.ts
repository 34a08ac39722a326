import type { EndMessage, Grant } from "../../core/ports/messages.ts";
import type { Attributes, Span } from "../../telemetry/opentelemetry.ts";
import type { Tracing } from "../../telemetry/tracing.ts";
import type { Attempt } from "./attempt.ts";
import { toOperationError } from "./failure.ts";
import { runInStep } from "./scope.ts";

/** The kind of user function that runs: a step, an undo, a check of `until`. */
type CallKind = "step" | "undo" | "check";

/** Runs a user function in the scope of its step and records a span, its duration and its outcome. */
export async function instrumented<Result>(
  attempt: Attempt,
  callKind: CallKind,
  step: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const { clock, grant, telemetry } = attempt;
  const tracing = telemetry?.tracing;
  const startedAt = clock.monotonic();
  const span = tracing?.start(`${callKind} ${step}`, {
    kind: "INTERNAL",
    parent: grant.traceparent,
    attributes: { ...attributesOf(grant), "afoot.step": step },
  });
  const recordDuration = (outcome: "done" | "failed"): void => {
    const labels = { "afoot.type": grant.type, "afoot.step": step, "afoot.call": callKind, "afoot.outcome": outcome };
    telemetry?.metrics.steps.of(labels).record((clock.monotonic() - startedAt) / 1000);
  };
  try {
    const running = (): Promise<Result> => runInStep(attempt, step, run);
    const result = await (span === undefined ? running() : (tracing?.within(span, running) ?? running()));
    recordDuration("done");
    span?.end();
    return result;
  } catch (error) {
    recordDuration("failed");
    if (span !== undefined) {
      // Spans, like logs, are for operators, so they may show the full error.
      if (error instanceof Error) span.recordException(error);
      tracing?.fail(span, toOperationError(error).code);
      span.end();
    }
    throw error;
  }
}

/** Starts the span of an attempt. The spans of its steps are children, also across processes. */
export function startAttempt(tracing: Tracing, grant: Grant): Span {
  return tracing.start(`attempt ${grant.type} ${grant.kind}`, {
    kind: "CONSUMER",
    parent: grant.traceparent,
    attributes: { ...attributesOf(grant), "afoot.mode": grant.mode },
  });
}

/** Ends the span of an attempt. `end` is undefined if the server had ended the attempt before. */
export function endAttempt(tracing: Tracing, span: Span, end: EndMessage | undefined): void {
  span.setAttribute("afoot.outcome", end?.outcome ?? "ended");
  if (end?.outcome === "failed") tracing.fail(span, end.error.code);
  span.end();
}

function attributesOf({ type, kind, id, operation, attempt }: Grant): Attributes {
  return {
    "afoot.type": type,
    "afoot.kind": kind,
    "afoot.id": id,
    "afoot.operation": operation,
    "afoot.attempt": attempt,
  };
}
