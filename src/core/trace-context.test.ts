import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTraceparent, parseTraceparent, traceField } from "./trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

test("a traceparent is read and written again", () => {
  const text = `00-${TRACE}-${SPAN}-01`;
  const context = parseTraceparent(text);
  assert.deepEqual(context, { traceId: TRACE, spanId: SPAN, traceFlags: 1 });
  assert.equal(context === undefined ? "" : formatTraceparent(context), text);
  assert.deepEqual(traceField(text), { trace_id: TRACE });
  // A later version may add fields.
  assert.equal(parseTraceparent(`01-${TRACE}-${SPAN}-00-more`)?.traceId, TRACE);
});

test("an invalid traceparent is ignored", () => {
  const none = [
    undefined,
    null,
    "",
    "00",
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
  ];
  for (const text of none) assert.equal(parseTraceparent(text), undefined, String(text));
  assert.deepEqual(traceField("nonsense"), {});
});
