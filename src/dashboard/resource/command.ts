import type { ResourceHandle } from "afoot/client";
import type { JsonSchema } from "../../core/json/schema.ts";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { REQUEST_OPTIONS } from "../api/client.ts";
import type { ResourceUpdate } from "../api/live-resources.ts";
import { labelText } from "../components/text.ts";

/** A command that a user can send to a resource. */
export interface Command {
  readonly name: string;
  /** Label of its button. */
  readonly title: string;
  /** Effect of the command, shown for confirmation. */
  readonly question: string;
  /** Label of the button that sends it. Must differ from "Back". */
  readonly confirmation: string;
  readonly isPossible: boolean;
  readonly isDangerous: boolean;
  /** Schema of its input, if it has one. */
  readonly input?: JsonSchema;
  readonly run: (handle: ResourceHandle, input: unknown) => Promise<unknown>;
}

export function availableCommands(type: TypeView, summary: ResourceUpdate): readonly Command[] {
  if (!type.isDeclared) return [];
  const isSettled = summary.operation.settledAt !== null;
  return [
    ...type.actions.map(({ name, status, input }): Command => ({
      name,
      title: labelText(name),
      question: `The resource shows “${status}” while the action runs.`,
      confirmation: labelText(name),
      isPossible: isSettled,
      isDangerous: false,
      ...(input === undefined ? {} : { input }),
      run: async (handle, value) => handle.act(name, value, REQUEST_OPTIONS),
    })),
    ...type.messages.map(({ name, value }): Command => ({
      name: `send ${name}`,
      title: `Send ${labelText(name).toLowerCase()}`,
      question: "Stores the message and delivers it to the work that waits for it.",
      confirmation: "Send",
      isPossible: !isSettled,
      isDangerous: false,
      input: value,
      run: async (handle, message) => handle.send(name, message, REQUEST_OPTIONS),
    })),
    ...lifecycleCommands(summary),
    DELETE,
  ];
}

/** Returns cancel for an operation in progress, and retry for one that did not succeed. */
function lifecycleCommands({ operation, error }: ResourceUpdate): readonly Command[] {
  if (operation.settledAt === null) return [{ ...CANCEL, isPossible: operation.state !== "cancelling" }];
  return error === undefined ? [] : [RETRY];
}

const CANCEL: Command = {
  name: "cancel",
  title: "Cancel",
  question:
    "Stops the operation in progress and undoes its completed steps. If it has succeeded meanwhile, the result stands.",
  confirmation: "Cancel operation",
  isPossible: true,
  isDangerous: true,
  run: async (handle) => handle.cancel(REQUEST_OPTIONS),
};

const RETRY: Command = {
  name: "retry",
  title: "Retry",
  question: "Runs the operation again. Completed steps are not repeated.",
  confirmation: "Retry",
  isPossible: true,
  isDangerous: false,
  run: async (handle) => handle.retry(REQUEST_OPTIONS),
};

const DELETE: Command = {
  name: "delete",
  title: "Delete",
  question: "Deletes the resource and everything that belongs to it. This cannot be undone.",
  confirmation: "Delete resource",
  isPossible: true,
  isDangerous: true,
  run: async (handle) => handle.delete(REQUEST_OPTIONS),
};
