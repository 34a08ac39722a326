import { MissingRequiredClientCapabilityError } from "@modelcontextprotocol/server";

/** Name of the extension for tasks. @see https://modelcontextprotocol.io/seps/2663-tasks-extension */
export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

/** @throws MissingRequiredClientCapabilityError if the client cannot follow tasks */
export function requireTasks({ supportsTasks }: { readonly supportsTasks: boolean }): void {
  if (supportsTasks) return;
  throw new MissingRequiredClientCapabilityError(
    { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } },
    `The client must declare the extension ${TASKS_EXTENSION} in the capabilities of each request.`,
  );
}
