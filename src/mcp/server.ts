import {
  type CallToolResult,
  type InputRequiredResult,
  type McpServerFactory,
  Server,
  type ServerContext,
  type StandardSchemaV1,
} from "@modelcontextprotocol/server";
import { type Call, createCall, type McpApp } from "./call.ts";
import { readResource, resourceTemplates } from "./resources.ts";
import { TASKS_EXTENSION } from "./tasks/extension.ts";
import { cancelTask, getTask, updateTask } from "./tasks/methods.ts";
import { createToolbox } from "./tools/toolbox.ts";

const INSTRUCTIONS =
  "Resources that take time. A tool that starts work returns the resource, or a task. While the status is one of work in progress, " +
  "call the get tool of the type with `id` and `waitSeconds` until the resource is settled. An `error` in a settled resource is the " +
  "reason for which its latest operation did not succeed. Ids stay valid across restarts.";

/** Parameters of methods that this server validates itself. */
const ANY_PARAMETERS: StandardSchemaV1<unknown, Readonly<Record<string, unknown>>> = {
  "~standard": {
    version: 1,
    vendor: "afoot",
    validate: (value) => ({ value: typeof value === "object" && value !== null ? { ...value } : {} }),
  },
};

/** Creates the function that makes a server for each request. All servers share the list of tools, which is built once. */
export function createServerFactory(app: McpApp): McpServerFactory {
  const toolbox = createToolbox(app.types);
  const templates = resourceTemplates(app.types);
  return ({ requestInfo }) => {
    const { openapi, mcp } = app.options;
    const instructions = (typeof mcp === "object" ? mcp.instructions : undefined) ?? INSTRUCTIONS;
    // oxlint-disable-next-line typescript/no-deprecated -- McpServer turns errors of tools into results, and adds content to tasks
    const server = new Server(
      { name: openapi?.title ?? "afoot", version: openapi?.version ?? "1.0.0" },
      { instructions, capabilities: { tools: {}, resources: {}, extensions: { [TASKS_EXTENSION]: {} } } },
    );
    const callOf = (context: ServerContext): Call => createCall(app, context, requestInfo);
    server.setRequestHandler("tools/list", () => ({ tools: [...toolbox.tools] }));
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      const answer = await toolbox.call(params.name, params.arguments ?? {}, callOf(context));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the extension for tasks adds an answer that the SDK has no type for
      return answer as CallToolResult | InputRequiredResult;
    });
    server.setRequestHandler("resources/list", () => ({ resources: [] }));
    server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: [...templates] }));
    server.setRequestHandler("resources/read", async ({ params }, context) =>
      readResource(app.types, params.uri, callOf(context)),
    );
    const tasks = { "tasks/get": getTask, "tasks/update": updateTask, "tasks/cancel": cancelTask };
    for (const [method, answer] of Object.entries(tasks)) {
      server.setRequestHandler(method, { params: ANY_PARAMETERS }, async (params, context) =>
        answer(toolbox, params["taskId"], callOf(context)),
      );
    }
    return server;
  };
}
