import type { CallToolResult } from "@modelcontextprotocol/server";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { isJsonObject } from "../core/json/json.ts";
import type { ApiReply } from "./api.ts";

type Representation = Readonly<Record<string, unknown>>;

/** Returns the result of a tool: a representation as text for the model, and as structured content. */
export function representationResult(
  type: ResourceType,
  representation: Representation,
  { isError = false, notes = [] }: { readonly isError?: boolean; readonly notes?: readonly string[] } = {},
): CallToolResult {
  const write = type.mcp === false ? undefined : type.mcp?.text;
  return {
    content: [(write ?? JSON.stringify)(representation), ...notes].map(textBlock),
    structuredContent: { ...representation },
    ...(isError ? { isError } : {}),
  };
}

/** Returns a result of text only. */
export function textResult(text: string, { isError = false }: { readonly isError?: boolean } = {}): CallToolResult {
  return { content: [textBlock(text)], ...(isError ? { isError } : {}) };
}

/** Returns the result for a request that the API rejected: the problem, as a model can act on it. */
export function problemResult(reply: ApiReply): CallToolResult {
  const { title = "Request failed", detail = "", code, errors } = reply.body;
  const retryAfter = Number(reply.header("retry-after"));
  const lines = (Array.isArray(errors) ? errors : []).map((error: unknown) =>
    isJsonObject(error) ? `${String(error["pointer"])}: ${String(error["detail"])}` : "",
  );
  const pause = Number.isFinite(retryAfter) ? { retryAfter } : {};
  return {
    content: [
      textBlock([`${String(title)}. ${String(detail)}`, ...lines].join("\n")),
      ...("retryAfter" in pause ? [textBlock(`Retry after ${retryAfter} seconds.`)] : []),
    ],
    structuredContent: { error: { title, detail, code, ...(errors === undefined ? {} : { errors }), ...pause } },
    isError: true,
  };
}

function textBlock(text: string): { type: "text"; text: string } {
  return { type: "text", text };
}
