import { DefinitionError } from "../errors.ts";
import type { AgentOptions } from "./agent-options.ts";

/** Tools of every type. `update` needs an `update`. */
const VERBS = ["create", "get", "list", "update", "delete", "cancel", "retry"];

/**
 * Checks the options of a type for agents.
 *
 * @throws DefinitionError for a tool that the type does not have
 */
export function declaredAgents(
  declared: false | AgentOptions,
  operations: ReadonlyMap<string, unknown>,
  receives: ReadonlyMap<string, unknown>,
  place: string,
): false | AgentOptions {
  const tools = declared === false ? [] : (declared.tools ?? []);
  const known = new Set([...VERBS, ...operations.keys(), ...receives.keys()]);
  if (!operations.has("update")) known.delete("update");
  const named = Array.isArray(tools) ? tools.map(String) : Object.keys(tools);
  const unknown = named.find((tool) => !known.has(tool));
  if (unknown === undefined) return declared;
  throw new DefinitionError(
    `${place}.tools: the type has no tool ${JSON.stringify(unknown)}; use some of ${[...known].join(", ")}`,
  );
}
