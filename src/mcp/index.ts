export type { McpApp } from "./call.ts";
export { type McpHandler, type McpHandlerOptions, mcpHandler } from "./mcp-handler.ts";
