import type { Attributes, Span } from "@opentelemetry/api";
import type { EndMessage, Grant } from "../../core/ports/messages.ts";
import type { Tracing } from "../../telemetry/tracing.ts";
import type { Attempt } from "./attempt.ts";
import { operationErrorOf } from "./failure.ts";
import { withinStep } from "./faults.ts";

/** What of a user's functions runs: a step, the undo of one, a check of `until`. */
type What = "step" | "undo" | "check";

/** Runs one of a user's functions inside its step, and tells how long it took and what came of it. */
export async function measured<Result>(
  attempt: Attempt,
  what: What,
  step: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const { clock, grant, telemetry } = attempt;
  const tracing = telemetry?.tracing;
  const beganAt = clock.monotonic();
  const span = tracing?.start(`${what} ${step}`, {
    kind: "INTERNAL",
    parent: grant.trace,
    attributes: { ...attributesOf(grant), "afoot.step": step },
  });
  const tell = (outcome: "done" | "failed"): void => {
    const labels = { "afoot.type": grant.type, "afoot.step": step, "afoot.what": what, "afoot.outcome": outcome };
    telemetry?.metrics.steps.of(labels).record((clock.monotonic() - beganAt) / 1000);
  };
  try {
    const running = (): Promise<Result> => withinStep(attempt, step, run);
    const result = await (span === undefined ? running() : (tracing?.within(span, running) ?? running()));
    tell("done");
    span?.end();
    return result;
  } catch (error) {
    tell("failed");
    if (span !== undefined) {
      // What the error says is for those who run the process, like its log.
      if (error instanceof Error) span.recordException(error);
      tracing?.fail(span, operationErrorOf(error).code);
      span.end();
    }
    throw error;
  }
}

/** Begins the span of an attempt: its steps are its children, in whatever process they run. */
export function startAttempt(tracing: Tracing, grant: Grant): Span {
  return tracing.start(`attempt ${grant.type} ${grant.kind}`, {
    kind: "CONSUMER",
    parent: grant.trace,
    attributes: { ...attributesOf(grant), "afoot.mode": grant.mode },
  });
}

/** Ends it; `end` is undefined for an attempt that was over before. */
export function endAttempt(tracing: Tracing, span: Span, end: EndMessage | undefined): void {
  span.setAttribute("afoot.outcome", end?.outcome ?? "over");
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
