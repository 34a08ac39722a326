import {
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import type { ResourceType } from "../core/definition/resource-type.ts";
import type { Call } from "./call.ts";
import { isMissing } from "./tasks/operation.ts";

const SCHEME = "afoot://";

interface Template {
  readonly uriTemplate: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
}

/** Returns one template of URIs for each type that agents see. */
export function resourceTemplates(types: readonly ResourceType[]): readonly Template[] {
  return types
    .filter(({ mcp }) => mcp !== false)
    .map(({ name, path, description }) => ({
      uriTemplate: `${SCHEME}${path}/{id}`,
      name,
      description: description ?? `The status and details of a ${name.replaceAll("-", " ")}.`,
      mimeType: "application/json",
    }));
}

/** `resources/read`: a representation. While an operation is in progress, it is valid until the next poll. */
export async function readResource(
  types: readonly ResourceType[],
  uri: string,
  call: Call,
): Promise<ReadResourceResult> {
  const [path = "", id = "", ...rest] = uri.startsWith(SCHEME) ? uri.slice(SCHEME.length).split("/") : [];
  const type = types.find((each) => each.path === path && each.mcp !== false);
  if (type === undefined || id === "" || rest.length > 0) throw new ResourceNotFoundError(uri);
  const reply = await call.api({ method: "GET", path: `${path}/${encodeURIComponent(id)}` });
  if (isMissing(reply)) throw new ResourceNotFoundError(uri);
  if (reply.status !== 200) {
    throw new ProtocolError(ProtocolErrorCode.InternalError, String(reply.body["detail"]), {
      code: reply.body["code"],
    });
  }
  const seconds = Number(reply.header("retry-after") ?? 0);
  return {
    contents: [{ uri, mimeType: "application/json", text: JSON.stringify(reply.body) }],
    ttlMs: seconds * 1000,
    cacheScope: "private",
  };
}
