/** A position in a trace, as a request, an operation or a message names it. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

const PATTERN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;
const INVALID = /^(?:ff-|..-0{32}|..-.{32}-0{16})/;

/**
 * Parses a `traceparent`. Returns undefined if it is missing or invalid: then there is no trace.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function parseTraceparent(text: string | null | undefined): TraceContext | undefined {
  const [, version, traceId, spanId, flags] = PATTERN.exec(text ?? "") ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (INVALID.test(text ?? "") || (version === "00" && text?.length !== 55)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

/** Formats a `traceparent` of version 00. */
export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/** Returns the log field that names the trace, as collectors expect it; no field without a trace. */
export function traceField(traceparent: string | null | undefined): { readonly trace_id?: string } {
  const parsed = parseTraceparent(traceparent);
  return parsed === undefined ? {} : { trace_id: parsed.traceId };
}
