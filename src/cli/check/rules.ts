/** How much a rule asks: `must` of every API of the pattern, `may` of those that offer what it is about. */
export type RuleLevel = "must" | "may";

export interface Rule {
  readonly level: RuleLevel;
  /** What holds. */
  readonly says: string;
  /** What to do where it does not. */
  readonly next: string;
}

/** The rules of docs/protocol.md that can be tried from outside, by name, in the order in which they are. */
export const RULES = {
  "create.accepted": {
    level: "must",
    says: "POST to the collection is answered 202, or 201 where it is settled already",
    next: "answer as soon as the request is stored, with 202, and do the work afterwards; if the body was refused, give another one with --create",
  },
  "create.location": {
    level: "must",
    says: "`Location` leads to the resource",
    next: "send the resource's own URL or path in Location",
  },
  "create.shown": {
    level: "must",
    says: "the resource is there at once: GET of `Location` is 200",
    next: "store the resource before you answer the POST, and show it from the first moment on",
  },
  "follow.status": {
    level: "must",
    says: "every representation is a JSON object with a text `status`",
    next: "put the label to show in a top-level field status",
  },
  "follow.pacing": {
    level: "must",
    says: "GET carries `Retry-After`, in seconds or as a date, exactly while something is in progress",
    next: "send Retry-After with every answer while work is under way, and with none once it is over: it is how a client that knows no label tells the two apart",
  },
  "follow.settles": {
    level: "must",
    says: "it is settled in the end",
    next: "let every operation end, by success, failure or a deadline; give slower ones more time with --timeout",
  },
  "follow.error": {
    level: "must",
    says: "`error`, with a text `code`, is there exactly when it is settled and did not succeed",
    next: "show error when the operation has failed for good, with a stable code, and take it away when the next one begins",
  },
  "follow.stays": {
    level: "must",
    says: "settled, it stays as it is until somebody changes it",
    next: "leave Retry-After out only once nothing will change by itself any more",
  },
  "conditional.etag": {
    level: "may",
    says: "GET carries an `ETag`",
    next: "send an ETag that differs whenever the representation does; clients then learn of changes with 304",
  },
  "conditional.not-modified": {
    level: "may",
    says: "GET with `If-None-Match` of the present `ETag` is 304 without a body",
    next: "compare If-None-Match with the present ETag and answer 304 where it is listed",
  },
  "conditional.held": {
    level: "may",
    says: "GET with `If-None-Match` and `Prefer: wait=N` is held until something has changed, or for N seconds",
    next: "say Preference-Applied: wait=N only where the answer was really held",
  },
  "conditional.lost-update": {
    level: "may",
    says: "PATCH or DELETE with an `If-Match` of another state is 412",
    next: "compare If-Match with the present state and refuse with 412, so that no update is lost",
  },
  "idempotency.repeat": {
    level: "may",
    says: "POST with the same `Idempotency-Key` and body creates one resource, and is answered the same",
    next: "keep the answer by its key, in the same transaction as its effect, for a day",
  },
  "idempotency.reuse": {
    level: "may",
    says: "the same `Idempotency-Key` with another body is refused",
    next: "keep a hash of method, path and body with the key, and refuse another one with 422",
  },
  "cancel.accepted": {
    level: "may",
    says: "POST to `/cancel` below the resource is answered 202 while something is in progress",
    next: "note the wish and answer at once; the work ends when it can",
  },
  "cancel.ends": {
    level: "may",
    says: "what was cancelled is settled with the error code `cancelled`, unless it had succeeded already",
    next: "settle it with error.code cancelled, or as succeeded where that was on its way",
  },
  "cancel.settled": {
    level: "may",
    says: "where nothing is in progress, `/cancel` is 409",
    next: "refuse with 409 rather than pretend",
  },
  "errors.not-found": {
    level: "must",
    says: "a resource that is not there is 404",
    next: "answer 404 for an unknown id, whatever it looks like",
  },
  "errors.problem": {
    level: "must",
    says: "an error is `application/problem+json` with `title`, `status` and a text `code`",
    next: "write errors as RFC 9457 has it, with a stable code of your own for programs",
  },
  "errors.malformed": {
    level: "must",
    says: "a body that is no JSON is 400",
    next: "answer 400 and say where the text breaks; never 5xx",
  },
  "errors.shape": {
    level: "must",
    says: "JSON of another shape is 400 or 422",
    next: "validate the body before anything is stored, and name every fault",
  },
  "errors.media-type": {
    level: "must",
    says: "another content type is 415",
    next: "look at Content-Type before the body",
  },
  "errors.method": {
    level: "must",
    says: "a method that is not for a path is 405 with `Allow`",
    next: "answer 405, and list in Allow what the path takes",
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;
