import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { pageHeaders } from "./page-headers.ts";

function directives(policy: string | undefined): ReadonlyMap<string, string> {
  const pairs = (policy ?? "").split("; ").map((each) => /^(\S+) (.*)$/.exec(each)?.slice(1) ?? []);
  return new Map(pairs.map(([name = "", value = ""]) => [name, value]));
}

test("a page loads from its own server only, and cannot be framed", () => {
  const { "content-security-policy": policy, ...others } = pageHeaders();
  const sources = directives(policy);
  assert.deepEqual(
    ["default-src", "script-src", "style-src", "connect-src", "frame-ancestors", "base-uri", "form-action"].map(
      (name) => sources.get(name),
    ),
    ["'none'", "'self'", "'self'", "'self'", "'none'", "'none'", "'none'"],
  );
  assert.deepEqual(others, {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  });
});

test("a page's own inline scripts run by their hashes, and it reaches an API of another origin", () => {
  const html = `<script src="/a.js"></script><script type="module">begin()</script>`;
  const { "content-security-policy": policy } = pageHeaders({
    html,
    apiOrigins: ["https://api.acme.test"],
    inlineStyles: true,
  });
  const sources = directives(policy);
  const hash = createHash("sha256").update("begin()").digest("base64");
  assert.equal(sources.get("script-src"), `'self' 'sha256-${hash}'`);
  assert.equal(sources.get("connect-src"), "'self' https://api.acme.test");
  assert.equal(sources.get("style-src"), "'self' 'unsafe-inline'");
});
