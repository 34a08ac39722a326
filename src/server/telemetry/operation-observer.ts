import type { Attributes } from "@opentelemetry/api";
import type { Log } from "../../core/ports/log.ts";
import type { EndMessage, StatusMessage } from "../../core/ports/messages.ts";
import type { Resource } from "../../core/resource.ts";
import { parseTraceparent, traceField } from "../../core/trace-context.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { traceparentOf, type Tracing } from "../../telemetry/tracing.ts";

/** Tells metrics, traces and log what becomes of operations. Every server tells what it commits itself, so that sums are right. */
export interface CourseObserver {
  /** A row was changed, as committed. */
  readonly changed: (resource: Resource) => void;
  /** An operation was handed out. Gives the `traceparent` that goes on with it. */
  readonly claimed: (resource: Resource, at: number) => string | null;
  readonly attemptEnded: (resource: Resource, outcome: EndMessage["outcome"] | "overdue") => void;
  readonly workerLost: () => void;
  /** An outside process said something of a resource, and what came of it. */
  readonly said: (said: Said) => void;
}

export interface Said {
  /** Undefined where it is no message at all. */
  readonly message: Pick<StatusMessage, "type" | "traceparent"> | undefined;
  readonly verdict: string;
  /** Of whom it was said, where that is known. */
  readonly resource: Resource | undefined;
  readonly at: number;
}

export function createCourseObserver({ telemetry, log }: { telemetry: Telemetry; log: Log }): CourseObserver {
  const { metrics, tracing } = telemetry;
  const lostWorkers = metrics.lostWorkers.of({});
  return {
    changed(resource) {
      const { type, operation } = resource;
      const { kind, state, acceptedAt, settledAt } = operation;
      if (settledAt === null) {
        const isNew = operation.attempt === 0 && resource.updatedAt === acceptedAt;
        if (isNew) log.debug(namesOf(resource), "an operation was accepted");
        return;
      }
      metrics.settled.of({ ...labelsOf(type, kind), "afoot.state": state }).record((settledAt - acceptedAt) / 1000);
      tellEnd(resource, log);
      if (tracing !== undefined) traceEnd(tracing, resource);
    },
    claimed(resource, at) {
      const { type, operation } = resource;
      metrics.claims.of(labelsOf(type, operation.kind)).add();
      if (tracing === undefined) return operation.trace;
      const attributes = { ...attributesOf(resource), "afoot.attempt": operation.attempt };
      const name = `claim ${type} ${operation.kind}`;
      const span = tracing.start(name, { kind: "PRODUCER", parent: operation.trace, attributes, startAt: at });
      span.end();
      return traceparentOf(span);
    },
    attemptEnded({ type, operation }, outcome) {
      metrics.attempts.of({ ...labelsOf(type, operation.kind), "afoot.outcome": outcome }).add();
    },
    workerLost: () => lostWorkers.add(),
    said(said) {
      metrics.messages.of({ "afoot.verdict": said.verdict }).add();
      if (tracing !== undefined && said.message !== undefined) traceMessage(tracing, said);
    },
  };
}

function labelsOf(type: string, kind: string): { readonly "afoot.type": string; readonly "afoot.kind": string } {
  return { "afoot.type": type, "afoot.kind": kind };
}

function attributesOf({ type, id, operation }: Resource): Attributes {
  return { ...labelsOf(type, operation.kind), "afoot.id": id, "afoot.operation": operation.id };
}

function namesOf({ type, id, operation }: Resource): object {
  return { type, id, operation: operation.id, kind: operation.kind, ...traceField(operation.trace) };
}

function tellEnd(resource: Resource, log: Log): void {
  const { state, attempt, acceptedAt, settledAt } = resource.operation;
  const ms = (settledAt ?? acceptedAt) - acceptedAt;
  const fields = { ...namesOf(resource), state, attempts: attempt, ms };
  if (state === "failed") log.warn({ ...fields, code: resource.error?.code }, "an operation failed");
  else log.debug(fields, "an operation ended");
}

/** One span from the acceptance to the end: what in between no process runs is seen here alone. */
function traceEnd(tracing: Tracing, resource: Resource): void {
  const { type, error, operation } = resource;
  const { kind, state, trace, attempt, acceptedAt, settledAt } = operation;
  const span = tracing.start(`${type} ${kind}`, {
    kind: "INTERNAL",
    parent: trace,
    attributes: { ...attributesOf(resource), "afoot.state": state, "afoot.attempts": attempt },
    startAt: acceptedAt,
  });
  if (state === "failed") tracing.fail(span, error?.code ?? "internal");
  span.end(settledAt ?? acceptedAt);
}

/** In the trace of the operation; where the sender's is another one, the two are linked. */
function traceMessage(tracing: Tracing, { message, verdict, resource, at }: Said): void {
  const sent = parseTraceparent(message?.traceparent);
  const own = parseTraceparent(resource?.operation.trace);
  const isOfTrace = sent !== undefined && (own === undefined || own.traceId === sent.traceId);
  tracing
    .start(`status message ${message?.type ?? ""}`, {
      kind: "CONSUMER",
      parent: isOfTrace ? message?.traceparent : resource?.operation.trace,
      link: isOfTrace ? undefined : message?.traceparent,
      attributes: { ...(resource === undefined ? {} : attributesOf(resource)), "afoot.verdict": verdict },
      startAt: at,
    })
    .end();
}
