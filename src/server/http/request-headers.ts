/** The request headers that the API reads. CORS allows them, and the OpenAPI document describes them. */
export const REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
  "Mcp-Method",
  "Mcp-Name",
  "MCP-Protocol-Version",
  "Prefer",
  "Traceparent",
] as const;

export type RequestHeader = (typeof REQUEST_HEADERS)[number];

/**
 * Maximum number of values in a list header or parameter. A longer list would let one request occupy the event loop.
 */
export const MAX_LIST_VALUES = 100;
