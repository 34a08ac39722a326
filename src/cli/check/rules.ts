/** Scope of a rule: `must` applies to every API of the pattern, `may` only to APIs that have the feature. */
export type RuleLevel = "must" | "may";

export interface Rule {
  readonly level: RuleLevel;
  /** The required behaviour. */
  readonly requirement: string;
  /** Advice for an API that breaks the rule. */
  readonly fix: string;
}

/** Rules of docs/protocol.md that can be checked over HTTP, by name, in the order of that page. */
export const RULES = {
  "create.accepted": {
    level: "must",
    requirement: "POST to the collection returns 202, or 201 if the resource is already settled",
    fix: "return 202 as soon as the request is stored, and do the work afterwards; if the body was rejected, pass another one with --create",
  },
  "create.location": {
    level: "must",
    requirement: "`Location` is the URL of the new resource",
    fix: "send the resource's own URL or path in Location",
  },
  "create.readable": {
    level: "must",
    requirement: "the new resource is readable at once: GET of `Location` returns 200",
    fix: "store the resource before responding to the POST, and return it from then on",
  },
  "follow.status": {
    level: "must",
    requirement: "every representation is a JSON object with a string `status`",
    fix: "put the label to display in a top-level field status",
  },
  "follow.pacing": {
    level: "must",
    requirement: "GET sends `Retry-After`, in seconds or as a date, exactly while an operation is in progress",
    fix: "send Retry-After with every response while an operation is in progress, and omit it once settled: clients that know no label tell the two apart by it",
  },
  "follow.settles": {
    level: "must",
    requirement: "the resource settles eventually",
    fix: "end every operation by success, failure or a deadline; allow slow ones more time with --timeout",
  },
  "follow.error": {
    level: "must",
    requirement: "`error`, with a string `code`, is present exactly if the resource is settled and did not succeed",
    fix: "send error with a stable code when the operation has failed for good, and remove it when the next one begins",
  },
  "follow.stable": {
    level: "must",
    requirement: "a settled resource stays unchanged until a client changes it",
    fix: "omit Retry-After only once nothing will change without a request",
  },
  "conditional.etag": {
    level: "may",
    requirement: "GET sends an `ETag`",
    fix: "send an ETag that changes whenever the representation does; clients then detect changes with 304",
  },
  "conditional.not-modified": {
    level: "may",
    requirement: "GET with the current `ETag` in `If-None-Match` returns 304 without a body",
    fix: "compare If-None-Match with the current ETag, and return 304 if it is listed",
  },
  "conditional.long-poll": {
    level: "may",
    requirement: "GET with `If-None-Match` and `Prefer: wait=N` waits for a change, at most N seconds (long polling)",
    fix: "send Preference-Applied: wait=N only if the response was delayed until a change or until the time was up",
  },
  "conditional.lost-update": {
    level: "may",
    requirement: "PATCH or DELETE with an outdated `If-Match` returns 412",
    fix: "compare If-Match with the current ETag and return 412 if they differ, so that no update is lost",
  },
  "idempotency.repeat": {
    level: "may",
    requirement:
      "POST repeated with the same `Idempotency-Key` and body creates one resource and returns the same response",
    fix: "store the response by its key for a day, in the same transaction as its effect",
  },
  "idempotency.reuse": {
    level: "may",
    requirement: "POST with the same `Idempotency-Key` and another body is rejected",
    fix: "store a hash of method, path and body with the key, and return 422 for any other",
  },
  "cancel.accepted": {
    level: "may",
    requirement: "POST to `/cancel` below the resource returns 202 while an operation is in progress",
    fix: "record the request and respond at once; the work ends when it can",
  },
  "cancel.ends": {
    level: "may",
    requirement: "a cancelled resource settles with the error code `cancelled`, unless it had already succeeded",
    fix: "settle it with error.code cancelled, or as succeeded if the success came first",
  },
  "cancel.settled": {
    level: "may",
    requirement: "POST to `/cancel` of a settled resource returns 409",
    fix: "return 409 if no operation is in progress",
  },
  "errors.not-found": {
    level: "must",
    requirement: "GET of an unknown id returns 404",
    fix: "return 404 for every unknown id, whatever its form",
  },
  "errors.problem": {
    level: "must",
    requirement: "errors are `application/problem+json` with `title`, `status` and a string `code`",
    fix: "write errors as RFC 9457 defines them, with a stable code of your own for programs",
  },
  "errors.malformed": {
    level: "must",
    requirement: "a body that is not JSON is rejected with 400",
    fix: "return 400 and name the position of the syntax error; never return 5xx",
  },
  "errors.shape": {
    level: "must",
    requirement: "JSON that does not match the schema is rejected with 400 or 422",
    fix: "validate the body before storing anything, and list every error",
  },
  "errors.media-type": {
    level: "must",
    requirement: "an unsupported content type is rejected with 415",
    fix: "check Content-Type before reading the body",
  },
  "errors.method": {
    level: "must",
    requirement: "an unsupported method is rejected with 405 and `Allow`",
    fix: "return 405, and list the supported methods in Allow",
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;
