import type { Operation } from "../../core/operation.ts";
import type { Log } from "../../core/ports/log.ts";
import type { EndMessage, StatusMessage } from "../../core/ports/messages.ts";
import type { Resource } from "../../core/resource.ts";
import { parseTraceparent, traceField } from "../../core/trace-context.ts";
import type { Attributes } from "../../telemetry/opentelemetry.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { traceparentOf, type Tracing } from "../../telemetry/tracing.ts";

/** Records operations in metrics, traces and the log. A server only records its own commits, so that sums over servers are right. */
export interface OperationTelemetry {
  /** Called with every changed row, as committed. */
  readonly onCommitted: (resource: Resource) => void;
  /** Called when an operation was granted. Returns the `traceparent` to pass on with the grant. */
  readonly onClaimed: (resource: Resource, at: number) => string | null;
  readonly onAttemptEnded: (resource: Resource, outcome: EndMessage["outcome"] | "overdue") => void;
  readonly onWorkerLost: () => void;
  /** Called with every status message of an external process and its result. */
  readonly onStatusMessage: (received: ReceivedStatusMessage) => void;
}

export interface ReceivedStatusMessage {
  /** Undefined if the input is not a status message at all. */
  readonly message: Pick<StatusMessage, "type" | "traceparent"> | undefined;
  readonly result: string;
  /** The resource that the message is about, if it is known. */
  readonly resource: Resource | undefined;
  readonly at: number;
}

export function createOperationTelemetry({ telemetry, log }: { telemetry: Telemetry; log: Log }): OperationTelemetry {
  const { metrics, tracing } = telemetry;
  const lostWorkers = metrics.lostWorkers.of({});
  return {
    onCommitted(resource) {
      const { type, operation } = resource;
      const { kind, state, acceptedAt, settledAt } = operation;
      if (settledAt === null) {
        const isNew =
          resource.updatedAt === acceptedAt && (operation.attempt === 0 || isClaimedWithAcceptance(operation));
        if (isNew) log.debug(logFieldsOf(resource), "operation accepted");
        return;
      }
      metrics.settled.of({ ...labelsOf(type, kind), "afoot.state": state }).record((settledAt - acceptedAt) / 1000);
      logEnd(resource, log);
      if (tracing !== undefined) traceOperation(tracing, resource);
    },
    onClaimed(resource, at) {
      const { type, operation } = resource;
      metrics.claims.of(labelsOf(type, operation.kind)).add();
      if (tracing === undefined) return operation.traceparent;
      const attributes = { ...attributesOf(resource), "afoot.attempt": operation.attempt };
      const name = `claim ${type} ${operation.kind}`;
      const span = tracing.start(name, { kind: "PRODUCER", parent: operation.traceparent, attributes, startAt: at });
      span.end();
      return traceparentOf(span);
    },
    onAttemptEnded({ type, operation }, outcome) {
      metrics.attempts.of({ ...labelsOf(type, operation.kind), "afoot.outcome": outcome }).add();
    },
    onWorkerLost: () => lostWorkers.add(),
    onStatusMessage(received) {
      metrics.messages.of({ "afoot.result": received.result }).add();
      if (tracing !== undefined && received.message !== undefined) traceMessage(tracing, received);
    },
  };
}

function isClaimedWithAcceptance({ attempt, sequence, startedAt, acceptedAt }: Operation): boolean {
  return attempt === 1 && sequence === 0 && startedAt === acceptedAt;
}

function labelsOf(type: string, kind: string): { readonly "afoot.type": string; readonly "afoot.kind": string } {
  return { "afoot.type": type, "afoot.kind": kind };
}

function attributesOf({ type, id, operation }: Resource): Attributes {
  return { ...labelsOf(type, operation.kind), "afoot.id": id, "afoot.operation": operation.id };
}

function logFieldsOf({ type, id, operation }: Resource): object {
  return { type, id, operation: operation.id, kind: operation.kind, ...traceField(operation.traceparent) };
}

function logEnd(resource: Resource, log: Log): void {
  const { state, attempt, acceptedAt, settledAt } = resource.operation;
  const ms = (settledAt ?? acceptedAt) - acceptedAt;
  const fields = { ...logFieldsOf(resource), state, attempts: attempt, ms };
  const { code, detail } = resource.error ?? {};
  if (state === "failed") log.warn({ ...fields, code, detail }, "operation failed");
  else log.debug(fields, "operation ended");
}

/** Records a span from the acceptance to the end, which includes the times when no process worked on the operation. */
function traceOperation(tracing: Tracing, resource: Resource): void {
  const { type, error, operation } = resource;
  const { kind, state, traceparent, attempt, acceptedAt, settledAt } = operation;
  const span = tracing.start(`${type} ${kind}`, {
    kind: "INTERNAL",
    parent: traceparent,
    attributes: { ...attributesOf(resource), "afoot.state": state, "afoot.attempts": attempt },
    startAt: acceptedAt,
  });
  if (state === "failed") tracing.fail(span, error?.code ?? "internal");
  span.end(settledAt ?? acceptedAt);
}

/** Records a span in the trace of the operation, linked to the sender's trace if that is another one. */
function traceMessage(tracing: Tracing, { message, result, resource, at }: ReceivedStatusMessage): void {
  const sender = parseTraceparent(message?.traceparent);
  const operation = parseTraceparent(resource?.operation.traceparent);
  const isSameTrace = sender !== undefined && (operation === undefined || operation.traceId === sender.traceId);
  tracing
    .start(`status message ${message?.type ?? ""}`, {
      kind: "CONSUMER",
      parent: isSameTrace ? message?.traceparent : resource?.operation.traceparent,
      link: isSameTrace ? undefined : message?.traceparent,
      attributes: { ...(resource === undefined ? {} : attributesOf(resource)), "afoot.result": result },
      startAt: at,
    })
    .end();
}
