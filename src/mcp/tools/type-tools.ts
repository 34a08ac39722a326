import type { DeclaredOperation, DeclaredSchema, ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { textResult } from "../results.ts";
import { completeArguments } from "./missing-fields.ts";
import { getTool, listTool } from "./read-tools.ts";
import {
  actionArguments,
  argumentsWithId,
  createArguments,
  createBody,
  representationSchema,
  updateArguments,
} from "./schemas.ts";
import { startOperation } from "./start-operation.ts";
import { ADDITIVE, type Arguments, DESTRUCTIVE, type TypeTool } from "./tool.ts";

/** Operation kinds that have tools of their own. */
const STANDARD: ReadonlySet<string> = new Set(["create", "update", "delete"]);

/** Returns all tools of a type, offered or not. */
export function typeTools(type: ResourceType): readonly TypeTool[] {
  const actions = [...type.operations.values()].filter(({ kind }) => !STANDARD.has(kind));
  return [
    createTool(type),
    getTool(type),
    listTool(type),
    ...(type.operations.has("update") ? [updateTool(type)] : []),
    ...actions.map((action) => actionTool(type, action)),
    ...[...type.receives].map(([name, schema]) => messageTool(type, name, schema)),
    cancelTool(type),
    retryTool(type),
    deleteTool(type),
  ];
}

function createTool(type: ResourceType): TypeTool {
  const about = (type.mcp === false ? undefined : type.mcp?.description) ?? type.description;
  const sentences = [
    `Creates a new ${wordsOf(type)}.`,
    about,
    descriptionOf(type, "create"),
    "It takes time. A repeated call creates another one: after a lost response, look with the list tool first.",
  ];
  return {
    type,
    verb: "create",
    description: joined(sentences),
    input: createArguments(type),
    output: representationSchema(type),
    hints: ADDITIVE,
    async run(given, call, names) {
      const complete = completeArguments(type, given, call);
      if ("ask" in complete) return complete.ask;
      if ("declined" in complete) return textResult(complete.declined, { isError: true });
      const request = { method: "POST", path: type.path, body: createBody(type, complete.given) } as const;
      return startOperation(call, { type, request }, names);
    },
  };
}

function updateTool(type: ResourceType): TypeTool {
  return {
    type,
    verb: "update",
    description: joined([`Changes the configuration of a ${wordsOf(type)}.`, descriptionOf(type, "update")]),
    input: updateArguments(type),
    hints: DESTRUCTIVE,
    async run({ id, configuration, metadata, deadline }, call, names) {
      const body = { configuration, metadata, deadline };
      const request = { method: "PATCH", path: pathOf(type, id), body } as const;
      return startOperation(call, { type, request }, names);
    },
  };
}

function deleteTool(type: ResourceType): TypeTool {
  return {
    type,
    verb: "delete",
    description: joined([`Deletes a ${wordsOf(type)}. This cannot be undone.`, descriptionOf(type, "delete")]),
    input: argumentsWithId("", undefined),
    hints: { ...DESTRUCTIVE, idempotentHint: true },
    async run({ id }, call, names) {
      return startOperation(call, { type, request: { method: "DELETE", path: pathOf(type, id) } }, names);
    },
  };
}

function actionTool(type: ResourceType, action: DeclaredOperation): TypeTool {
  const { kind } = action;
  return {
    type,
    verb: kind,
    description: joined([
      `${capital(kind.replaceAll("-", " "))}: an action on a ${wordsOf(type)}.`,
      descriptionOf(type, kind),
    ]),
    input: actionArguments(action),
    hints: DESTRUCTIVE,
    async run({ id, input, deadline }, call, names) {
      const body = deadline === undefined ? input : { ...(isJsonObject(input) ? input : {}), deadline };
      const request = { method: "POST", path: `${pathOf(type, id)}/${kind}`, body } as const;
      return startOperation(call, { type, request }, names);
    },
  };
}

function messageTool(type: ResourceType, name: string, schema: DeclaredSchema): TypeTool {
  const { description } = schema.input;
  return {
    type,
    verb: name,
    description: joined([
      `Sends the message ${JSON.stringify(name)} to a ${wordsOf(type)} that waits for it.`,
      typeof description === "string" ? description : undefined,
    ]),
    input: argumentsWithId("message", schema),
    hints: ADDITIVE,
    async run({ id, message }, call, names) {
      const request = { method: "POST", path: `${pathOf(type, id)}/${name}`, body: message ?? {} } as const;
      return startOperation(call, { type, request, mayBeTask: false }, names);
    },
  };
}

function cancelTool(type: ResourceType): TypeTool {
  return {
    type,
    verb: "cancel",
    description: `Cancels the operation in progress of a ${wordsOf(type)}, and undoes its completed steps. It may still succeed.`,
    input: argumentsWithId("", undefined),
    hints: { ...DESTRUCTIVE, idempotentHint: true },
    async run({ id }, call, names) {
      const request = { method: "POST", path: `${pathOf(type, id)}/cancel` } as const;
      return startOperation(call, { type, request, mayBeTask: false }, names);
    },
  };
}

function retryTool(type: ResourceType): TypeTool {
  return {
    type,
    verb: "retry",
    description: `Retries the failed or cancelled operation of a ${wordsOf(type)}.`,
    input: argumentsWithId("", undefined),
    hints: ADDITIVE,
    async run({ id }, call, names) {
      const request = { method: "POST", path: `${pathOf(type, id)}/retry` } as const;
      return startOperation(call, { type, request }, names);
    },
  };
}

/** Returns the path of a resource below the base path. The API rejects ids that are malformed. */
function pathOf(type: ResourceType, id: Arguments[string]): string {
  return `${type.path}/${encodeURIComponent(typeof id === "string" ? id : "")}`;
}

function descriptionOf({ operations }: ResourceType, kind: string): string | undefined {
  const operation = operations.get(kind);
  const own = operation?.mcp === false ? undefined : operation?.mcp?.description;
  return own ?? operation?.description;
}

function joined(sentences: readonly (string | undefined)[]): string {
  return sentences.filter((sentence) => sentence !== undefined).join(" ");
}

function wordsOf({ name }: ResourceType): string {
  return name.replaceAll("-", " ");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
