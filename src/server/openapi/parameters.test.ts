import assert from "node:assert/strict";
import { it } from "node:test";
import { TYPES } from "../../../test/contract/types.ts";
import { REQUEST_HEADERS } from "../http/request-headers.ts";
import { serverOptions } from "../options.ts";
import { openapiDocument } from "./document.ts";

/** Headers that OpenAPI describes by other means than parameters, the one that traces set, and those of agents at `/mcp`. */
const NOT_PARAMETERS = [
  "Authorization",
  "Content-Type",
  "Traceparent",
  "Mcp-Method",
  "Mcp-Name",
  "MCP-Protocol-Version",
];

it("describes the request headers that CORS allows, and no others", () => {
  const { components } = openapiDocument({ types: TYPES, options: serverOptions({ worker: true }) });
  const headers = Object.values(components.parameters ?? {}).flatMap(({ in: place, name }) =>
    place === "header" ? [name] : [],
  );
  assert.deepEqual([...new Set([...headers, ...NOT_PARAMETERS])].toSorted(), REQUEST_HEADERS.toSorted());
});
