/** The HTTP status and title of every problem that Afoot answers with, by code. */
export const PROBLEMS = {
  "malformed-json": [400, "Malformed JSON"],
  "malformed-path": [400, "Malformed path"],
  "invalid-query": [400, "Invalid query"],
  "invalid-header": [400, "Invalid header"],
  "invalid-cursor": [400, "Invalid cursor"],
  unauthenticated: [401, "Authentication required"],
  forbidden: [403, "Not allowed"],
  "not-found": [404, "Not found"],
  "resource-not-found": [404, "Resource not found"],
  "resource-deleted": [404, "Resource deleted"],
  "operation-not-found": [404, "Operation not found"],
  "method-not-allowed": [405, "Method not allowed"],
  "not-acceptable": [406, "Not acceptable"],
  "request-timeout": [408, "Request timeout"],
  "operation-in-progress": [409, "Operation in progress"],
  settled: [409, "Already settled"],
  "delete-in-progress": [409, "Delete in progress"],
  "not-external": [409, "Not done by outside processes"],
  "operation-claimed": [409, "Claimed by a worker"],
  "not-retryable": [409, "Nothing to retry"],
  "precondition-failed": [412, "Precondition failed"],
  "body-too-large": [413, "Body too large"],
  "operation-too-large": [413, "Operation too large"],
  "unsupported-media-type": [415, "Unsupported media type"],
  validation: [422, "Validation failed"],
  "idempotency-key-reused": [422, "Idempotency-Key used before"],
  "precondition-required": [428, "Precondition required"],
  "too-many-in-progress": [429, "Too many resources in progress"],
  internal: [500, "Internal error"],
  overloaded: [503, "Overloaded"],
  "store-unavailable": [503, "Store unavailable"],
  "broker-unavailable": [503, "Broker unavailable"],
  "authentication-unavailable": [503, "Authentication unavailable"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** A fault of a request, in the form that clients read. @see https://www.rfc-editor.org/rfc/rfc9457 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly code: string;
  /** Of a validation: every fault at once, each with its RFC 6901 pointer into the body. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** The `type` of a problem or an operation's error. */
export function problemType(code: string): string {
  return `urn:afoot:problem:${code}`;
}
