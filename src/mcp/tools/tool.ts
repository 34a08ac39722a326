import type { CallToolResult, InputRequiredResult, Tool as ToolDefinition } from "@modelcontextprotocol/server";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { JsonSchema } from "../../core/json/schema.ts";
import type { Call } from "../call.ts";
import type { CreatedTask } from "../tasks/task.ts";

export type Arguments = Readonly<Record<string, unknown>>;

/** The answer to a call: a result, a task, or a request for input. */
export type Answer = CallToolResult | CreatedTask | InputRequiredResult;

/** A tool of one resource type. */
export interface TypeTool {
  readonly type: ResourceType;
  /** `create`, `get`, `list`, `update`, `delete`, `cancel`, `retry`, or the name of an action or message. */
  readonly verb: string;
  readonly description: string;
  readonly input: JsonSchema;
  readonly output?: JsonSchema;
  readonly hints: NonNullable<ToolDefinition["annotations"]>;
  readonly run: (given: Arguments, call: Call, toolbox: ToolNames) => Promise<Answer>;
}

/** The names of the offered tools. */
export interface ToolNames {
  /** Returns the name of a tool; undefined if it is not offered. */
  readonly nameOf: (type: ResourceType, verb: string) => string | undefined;
}

/** Hints of a tool that changes nothing. */
export const READ_ONLY = { readOnlyHint: true, openWorldHint: false } as const;
/** Hints of a tool that adds something. */
export const ADDITIVE = { readOnlyHint: false, destructiveHint: false, openWorldHint: false } as const;
/** Hints of a tool that changes or removes something. Clients ask before they call it. */
export const DESTRUCTIVE = { readOnlyHint: false, destructiveHint: true, openWorldHint: false } as const;
