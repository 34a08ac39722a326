import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { declaredLabels } from "../../core/policy.ts";
import { problemResult, representationResult } from "../results.ts";
import { ID, objectOf, representationSchema, STRINGS } from "./schemas.ts";
import { READ_ONLY, type TypeTool } from "./tool.ts";
import { waitUntilSettled } from "./wait.ts";

/** Maximum `waitSeconds`: common clients abandon a call after 30 or 60 seconds. */
const MAX_WAIT_SECONDS = 25;

export function getTool(type: ResourceType): TypeTool {
  const words = type.name.replaceAll("-", " ");
  const waitSeconds = {
    type: "integer",
    minimum: 0,
    maximum: MAX_WAIT_SECONDS,
    default: 0,
    description: "Maximum time to wait for the end of the operation in progress.",
  };
  return {
    type,
    verb: "get",
    description: `Reads a ${words}: its status, and the error if its latest operation did not succeed. With waitSeconds, waits until no operation is in progress.`,
    input: objectOf({ id: ID, waitSeconds }, ["id"]),
    output: representationSchema(type),
    hints: READ_ONLY,
    async run({ id, waitSeconds: seconds }, call) {
      const wait = Math.min(typeof seconds === "number" ? seconds : 0, MAX_WAIT_SECONDS);
      const path = encodeURIComponent(typeof id === "string" ? id : "");
      const reply = await waitUntilSettled(call, { type, id: path, ms: wait * 1000 });
      if (reply.status !== 200) return problemResult(reply);
      const isInProgress = reply.header("retry-after") !== undefined;
      return representationResult(type, reply.body, { notes: isInProgress ? ["Still in progress."] : [] });
    },
  };
}

export function listTool(type: ResourceType): TypeTool {
  const words = type.path.replaceAll("-", " ");
  const properties = {
    status: { type: "string", enum: [...declaredLabels(type.policy)], description: "Only those with this status." },
    limit: { type: "integer", minimum: 1, maximum: 200, default: 20 },
    after: { type: "string", description: "The `next` of the previous page." },
    ...(type.representation.metadata
      ? { metadata: { ...STRINGS, description: "Only those that have all of these pairs." } }
      : {}),
  };
  return {
    type,
    verb: "list",
    description: `Lists the ${words} of the caller, newest first. Returns items, and next if there are more.`,
    input: objectOf(properties, []),
    hints: READ_ONLY,
    async run({ status, limit = 20, after, metadata }, call) {
      const pairs = Object.entries(isJsonObject(metadata) ? metadata : {});
      const query = {
        limit: String(limit),
        ...(typeof status === "string" ? { status } : {}),
        ...(typeof after === "string" ? { after } : {}),
        ...Object.fromEntries(pairs.map(([key, value]) => [`metadata.${key}`, String(value)])),
      };
      const reply = await call.api({ method: "GET", path: type.path, query });
      if (reply.status !== 200) return problemResult(reply);
      return {
        content: [{ type: "text", text: JSON.stringify(reply.body) }],
        structuredContent: { ...reply.body },
      };
    },
  };
}
