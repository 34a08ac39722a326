// Explanations of the problems of HTTP responses.
import type { Explanation } from "./explanation.ts";

export const HTTP: Readonly<Record<string, Explanation>> = {
  "malformed-json": [
    "The body is not JSON.",
    "The text has a syntax error, a duplicate name, invalid UTF-8, or is nested deeper than `maxDepth`.",
    "Correct the body; `detail` names the position.",
  ],
  "malformed-path": [
    "The path of the request cannot be decoded.",
    "A percent sign is not followed by two hexadecimal digits, or the bytes are not UTF-8.",
    "Encode each id with `encodeURIComponent`.",
  ],
  "invalid-query": [
    "A query parameter is unknown or has an invalid value.",
    "The name is misspelled, the type does not offer the filter, or the value is out of range.",
    "Correct the parameter that `detail` names. See [metadata and lists](metadata.md).",
  ],
  "invalid-header": [
    "A header has an invalid value.",
    "`If-Match`, `Prefer` or `Idempotency-Key` does not have its syntax, is too long, or has too many values.",
    "Correct the header that `detail` names.",
  ],
  "invalid-cursor": [
    "The `cursor` of a list is not one that this list returned.",
    "The cursor was changed or cut off, or is used with other filters.",
    "Follow the `next` link of a page, or begin with the first page.",
  ],
  unauthenticated: [
    "The request has no valid credentials.",
    "The token or key is missing, unknown, expired or revoked.",
    "Send valid credentials. See [access control](access.md).",
  ],
  forbidden: [
    "The principal must not do this.",
    "`authorize` denied it, the request comes from a page of another origin, or a server without authentication was addressed by a host name.",
    "Use a principal that may do it. For the other causes, see [access control](access.md).",
  ],
  "not-found": [
    "No endpoint has this path.",
    "The path or the base path is wrong, or the feature of that endpoint is not enabled.",
    "Compare the path with the OpenAPI document at `/openapi.json`.",
  ],
  "resource-not-found": [
    "The resource does not exist for this principal.",
    "The id is wrong, the resource was deleted longer ago than `retention.deletedMs`, or it belongs to another principal.",
    "Check the URL; take it from `Location`.",
  ],
  "resource-deleted": [
    "The resource existed and was deleted.",
    "A client deleted it, or its retention time has ended.",
    "Stop following it. A new resource needs a new `POST`.",
  ],
  "operation-not-found": [
    "The operation of a status monitor does not exist.",
    "The id is wrong, or a later operation of the resource has replaced it.",
    "Read the resource itself, and its history.",
  ],
  "method-not-allowed": [
    "The path exists and does not support this method.",
    "The type declares no update, delete or action for it.",
    "Use a method of the header `Allow`.",
  ],
  "not-acceptable": [
    "No representation fits the header `Accept`.",
    "`Accept` excludes `application/json`, or `text/event-stream` where events are offered.",
    "Send `Accept: application/json`, or none.",
  ],
  "request-timeout": [
    "The body did not arrive in time.",
    "The connection is slow, or the client announced more bytes than it sent.",
    "Repeat the request.",
  ],
  "operation-in-progress": [
    "Another operation of the resource is in progress.",
    "A resource has at most one operation in progress.",
    "Wait until it is settled, or cancel it.",
  ],
  settled: [
    "No operation of the resource is in progress.",
    "A cancel or a message arrived after the end of the operation.",
    "Read the resource: it has its final state.",
  ],
  "delete-in-progress": [
    "The resource is being deleted.",
    "A delete cannot be cancelled or followed by another operation.",
    "Wait for its end.",
  ],
  "not-external": [
    "The operation is performed by work inside Afoot.",
    "A process sent a status message for an operation whose kind is not `external`.",
    "Declare the kind `external`, or let the work report. See [messages](messages.md).",
  ],
  "operation-claimed": [
    "A worker has claimed the operation, so only that worker can end it.",
    "A status message for the end arrived while the work still runs.",
    "Send it again after the attempt has ended.",
  ],
  "not-retryable": [
    "There is nothing to retry.",
    "The last operation succeeded, or its kind cannot be retried.",
    "Begin a new operation instead.",
  ],
  "precondition-failed": [
    "A condition of the request does not hold.",
    "The resource has changed since it was read (`If-Match`), or the id exists already (`If-None-Match: *`).",
    "Read the resource again and repeat the change.",
  ],
  "body-too-large": [
    "The body has more than `maxBodyBytes`.",
    "The request contains a large value.",
    "Upload large data elsewhere and send its address; or raise [`maxBodyBytes`](limits.md).",
  ],
  "operation-too-large": [
    "The operation has reached the size limit of its type.",
    "Records of steps, messages, details and configuration together exceed `maxBytes`.",
    "Store large results elsewhere and record their address; or raise [`maxBytes`](limits.md).",
  ],
  "unsupported-media-type": [
    "The body is not JSON by its `Content-Type`.",
    "The header is missing or names another media type.",
    "Send `Content-Type: application/json`; for PATCH, `application/merge-patch+json`.",
  ],
  validation: [
    "The body is JSON, and its content is invalid.",
    "Values do not fit the schema of the type.",
    "Correct each entry of `errors`: `pointer` names the field, `detail` the reason.",
  ],
  "idempotency-key-reused": [
    "The `Idempotency-Key` belongs to another request.",
    "Method, path or body differ from those of the first request with this key.",
    "Send a new key for a new request.",
  ],
  "precondition-required": [
    "The write needs `If-Match`.",
    "The app sets `preconditionRequired`.",
    "Read the resource, and send its `ETag` in `If-Match`.",
  ],
  "too-many-in-progress": [
    "The type or the owner has reached its limit of resources in progress.",
    "`maxInProgress` or `maxInProgressPerPrincipal` is reached.",
    "Repeat the request after `Retry-After`, or cancel resources. See [limits](limits.md).",
  ],
  internal: [
    "The server, or the work of an operation, failed unexpectedly.",
    "An error without a message for clients was thrown.",
    "Read the log of the server or worker: it has the error with its stack. Throw `WorkError` to show a message.",
  ],
  "not-offered-by-store": [
    "The store does not implement what the request needs.",
    "A store of your own has no searches or statistics.",
    "Use the SQLite or PostgreSQL store, or implement the optional methods of [the port](stores.md).",
  ],
  overloaded: [
    "The server sheds load, or it is starting or stopping.",
    "More requests arrive than the store can commit in time.",
    "Repeat the request after `Retry-After`. See [overload](limits.md).",
  ],
  "store-unavailable": [
    "The database cannot be reached, or the outcome of a write is unknown.",
    "The database restarts or fails over, or the network is interrupted.",
    "Repeat the request after `Retry-After`, with the same `Idempotency-Key`. Nothing is lost.",
  ],
  "broker-unavailable": [
    "No server answers over the broker.",
    "NATS cannot be reached, or all servers are stopped.",
    "Repeat the request later; check NATS. See [NATS](nats.md).",
  ],
  "authentication-unavailable": [
    "Credentials cannot be verified at the moment.",
    "The key set of the identity provider or the key file cannot be read.",
    "Repeat the request later; check the provider or the file.",
  ],
  "store-full": [
    "The disk of the store is full.",
    "The volume has no room for the write.",
    "Free disk space; writes succeed again without a restart. See [full disk](operations.md#full-disk).",
  ],
};
