/** The HTTP status and title of every problem that Afoot returns, by code. */
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
  "not-external": [409, "Operation is not external"],
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
  "not-offered-by-store": [501, "Not offered by this store"],
  overloaded: [503, "Overloaded"],
  "store-unavailable": [503, "Store unavailable"],
  "broker-unavailable": [503, "Broker unavailable"],
  "authentication-unavailable": [503, "Authentication unavailable"],
  "store-full": [507, "Insufficient storage"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An error response in the format of RFC 9457. @see https://www.rfc-editor.org/rfc/rfc9457 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly code: string;
  /** All errors of a validation, each with its RFC 6901 pointer into the body. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** Prefix of the `type` of problems, unless the app has pages about its errors. */
export const DEFAULT_PROBLEM_TYPES = "urn:afoot:problem:";

/**
 * Returns the `type` of a problem or of an operation's error.
 *
 * @param problemTypes prefix that the code is appended to
 */
export function problemType(code: string, problemTypes: string): string {
  return problemTypes + code;
}
