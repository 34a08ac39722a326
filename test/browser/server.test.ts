import assert from "node:assert/strict";
import { test } from "node:test";
import { useResource } from "afoot/react";
import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";

function Resource({ send }: { readonly send: (request: Request) => Promise<Response> }): ReactNode {
  const { state, failure } = useResource("/api/machines/1", { fetch: send });
  return createElement("p", null, state === undefined && failure === undefined ? "nothing yet" : "something");
}

test("useResource sends nothing while rendering on a server, and takes a URL that only a page can complete", () => {
  const send = (): never => assert.fail("a request was sent");
  assert.equal(renderToString(createElement(Resource, { send })), "<p>nothing yet</p>");
});
