import { ProtocolError, ProtocolErrorCode, type Tool as ToolDefinition } from "@modelcontextprotocol/server";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { DefinitionError } from "../../core/errors.ts";
import type { Call } from "../call.ts";
import type { Answer, Arguments, ToolNames, TypeTool } from "./tool.ts";
import { typeTools } from "./type-tools.ts";

/** The tools of an app. */
export interface Toolbox extends ToolNames {
  readonly tools: readonly ToolDefinition[];
  readonly types: readonly ResourceType[];
  readonly call: (name: string, given: Arguments, call: Call) => Promise<Answer>;
}

/** Characters and length that all common clients accept in the name of a tool. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws DefinitionError if two tools have the same name, or a name is invalid */
export function createToolbox(types: readonly ResourceType[]): Toolbox {
  const byName = new Map<string, TypeTool>();
  const names = new Map<string, string>();
  for (const type of types) {
    for (const tool of typeTools(type)) {
      const name = offeredName(tool);
      if (name === undefined) continue;
      checkToolName(name, tool, byName);
      byName.set(name, tool);
      names.set(`${type.name} ${tool.verb}`, name);
    }
  }
  const nameOf: ToolNames["nameOf"] = (type, verb) => names.get(`${type.name} ${verb}`);
  return {
    types: types.filter(({ mcp }) => mcp !== false),
    nameOf,
    tools: [...byName].map(([name, tool]) => definitionOf(name, tool)),
    async call(name, given, call) {
      const tool = byName.get(name);
      if (tool === undefined) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${JSON.stringify(name)}.`);
      }
      return tool.run(given, call, { nameOf });
    },
  };
}

/** Returns the name of a tool; undefined if its type does not offer it. */
function offeredName({ type, verb }: TypeTool): string | undefined {
  if (type.mcp === false || type.operations.get(verb)?.mcp === false) return undefined;
  const own = verb === "list" ? type.path : type.name;
  const standard = `${verb}_${own}`.replaceAll("-", "_");
  const tools = type.mcp?.tools;
  if (tools === undefined) return standard;
  if (isList(tools)) return tools.includes(verb) ? standard : undefined;
  return tools[verb];
}

function isList(tools: object): tools is readonly string[] {
  return Array.isArray(tools);
}

function checkToolName(name: string, { type, verb }: TypeTool, byName: ReadonlyMap<string, TypeTool>): void {
  const other = byName.get(name);
  const place = `${type.name}: mcp.tools: ${verb}`;
  if (other !== undefined) {
    throw new DefinitionError(
      `${place}: ${JSON.stringify(name)} is the name of a tool of ${other.type.name} (${other.verb}), too; name one of them: mcp: { tools: { ${JSON.stringify(verb)}: "..." } }`,
    );
  }
  if (NAME.test(name)) return;
  throw new DefinitionError(
    `${place}: ${JSON.stringify(name)} is no name for a tool; use 1 to 64 letters, digits, hyphens and underscores`,
  );
}

function definitionOf(name: string, { description, input, output, hints }: TypeTool): ToolDefinition {
  return {
    name,
    description,
    inputSchema: { ...input, type: "object" },
    ...(output === undefined ? {} : { outputSchema: { ...output, type: "object" } }),
    annotations: hints,
  };
}
