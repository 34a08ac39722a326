import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openapiDocument } from "../../src/server/openapi/document.ts";
import { serverOptions } from "../../src/server/options.ts";
import { createTrafficCheck, type Exchange } from "./traffic.ts";
import { machine } from "./types.ts";

const check = createTrafficCheck(openapiDocument({ types: [machine], options: serverOptions() }));

const configuration = { os: "Linux", ram: "16GB", storage: "256GB SSD" };
const inProgress = { id: "1", status: "Provisioning", configuration, progress: "50%" };
const settled = { id: "1", status: "Ready", configuration, IPAddress: "192.168.1.10" };
const error = { type: "urn:afoot:problem:x", title: "X", detail: "X.", code: "x", retryable: true };
const missing = {
  type: "urn:afoot:problem:resource-not-found",
  title: "X",
  status: 404,
  detail: "X.",
  code: "resource-not-found",
};

interface ExchangeParts extends Partial<Omit<Exchange, "headers" | "body">> {
  readonly headers?: Record<string, string>;
  readonly body?: object;
  readonly type?: string;
}

function faults({
  headers = {},
  body = settled,
  type = "application/json",
  ...parts
}: ExchangeParts): readonly string[] {
  return check({
    method: "GET",
    url: "/api/virtual-machines/1",
    status: 200,
    ...parts,
    headers: new Headers({ "content-type": type, ...headers }),
    body: JSON.stringify(body),
  });
}

describe("the check of traffic against the document", () => {
  const right: Readonly<Record<string, ExchangeParts>> = {
    settled: {},
    "in progress": { body: inProgress, headers: { "retry-after": "5" } },
    failed: { body: { id: "1", status: "Failed", configuration, error } },
    "selected fields": { url: "/api/virtual-machines/1?fields=status", body: { status: "Ready" } },
    "a label of work's own": { body: { ...inProgress, status: "Booting" }, headers: { "retry-after": "5" } },
    "a problem": { status: 404, body: missing, type: "application/problem+json" },
    "a path that is not there": { url: "/api/nothing", status: 404, body: missing, type: "application/problem+json" },
  };
  for (const [name, parts] of Object.entries(right)) {
    it(`finds nothing in ${name}`, () => assert.deepEqual(faults(parts), []));
  }

  const wrong: Readonly<Record<string, ExchangeParts>> = {
    "a status that is not described": { status: 418 },
    "a method that is not described": { method: "PURGE" },
    "a header that is not described": { headers: { "operation-location": "http://localhost/x" } },
    "a header of another type": { body: inProgress, headers: { "retry-after": "soon" } },
    "a media type that is not described": { type: "text/html" },
    "a settled one without its details": { body: { id: "1", status: "Ready", configuration } },
    "a settled one that paces": { body: { ...inProgress, error }, headers: { "retry-after": "5" } },
    "one in progress without pacing": { body: inProgress },
    "a settled label that is none": { body: { ...settled, status: "Provisioning" } },
    "a detail of another type": { body: { ...settled, IPAddress: 5 } },
    "a problem of another code": {
      status: 404,
      body: { ...missing, code: "settled" },
      type: "application/problem+json",
    },
    "a problem with a field of its own": {
      status: 404,
      body: { ...missing, stack: "at" },
      type: "application/problem+json",
    },
  };
  for (const [name, parts] of Object.entries(wrong)) {
    it(`finds ${name}`, () => assert.notDeepEqual(faults(parts), []));
  }
});
