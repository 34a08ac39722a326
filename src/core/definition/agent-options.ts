/** Options of the tool of an operation for agents (MCP). `false`: agents get no tool for it. */
export type ToolDeclaration =
  | false
  | { /** @default the `description` of the operation */ readonly description?: string };

/** Options of a resource type for agents (MCP). */
export interface AgentOptions {
  /** Description for agents. @default the `description` of the type */
  readonly description?: string;
  /**
   * The tools to offer: `create`, `get`, `list`, `update`, `delete`, `cancel`, `retry`, and the names of actions and messages. A list
   * gives them their default names, such as `create_virtual_machine`; an object names them.
   *
   * @default all
   */
  readonly tools?: readonly string[] | { readonly [tool: string]: string };
  /**
   * Use of tasks for calls that start operations. `optional`: for clients that support tasks; others wait for the result. `required`:
   * only clients that support tasks may call. `never`: every client waits.
   *
   * @default "optional"
   */
  readonly tasks?: "optional" | "required" | "never";
  /** Writes a representation as the text that models read. @default its JSON */
  readonly text?: (representation: Readonly<Record<string, unknown>>) => string;
}
