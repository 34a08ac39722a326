import type { ResourceHandle } from "afoot/client";
import type { JsonSchema } from "../../core/json/schema.ts";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { PATIENCE } from "../api/client.ts";
import type { Heard } from "../api/resources.ts";
import { labelText } from "../components/text.ts";

/** Something that can be done to a resource. */
export interface Command {
  readonly name: string;
  /** On its button. */
  readonly title: string;
  /** What comes of it, asked before it is done. */
  readonly question: string;
  /** On the button that does it; not that of the one that leaves it. */
  readonly confirmation: string;
  readonly isPossible: boolean;
  readonly isDangerous: boolean;
  /** Of one that takes an input. */
  readonly input?: JsonSchema;
  readonly run: (handle: ResourceHandle, input: unknown) => Promise<unknown>;
}

export function commandsOf(type: TypeView, summary: Heard): readonly Command[] {
  if (!type.isDeclared) return [];
  const isSettled = summary.operation.settledAt !== null;
  return [
    ...type.actions.map(({ name, status, input }): Command => ({
      name,
      title: labelText(name),
      question: `The resource shows “${status}” while it does.`,
      confirmation: labelText(name),
      isPossible: isSettled,
      isDangerous: false,
      ...(input === undefined ? {} : { input }),
      run: async (handle, value) => handle.act(name, value, PATIENCE),
    })),
    ...type.messages.map(({ name, value }): Command => ({
      name: `send ${name}`,
      title: `Send ${labelText(name).toLowerCase()}`,
      question: "It is stored, and given to the work that waits for it.",
      confirmation: "Send",
      isPossible: !isSettled,
      isDangerous: false,
      input: value,
      run: async (handle, sent) => handle.send(name, sent, PATIENCE),
    })),
    ...endsOf(summary),
    DELETE,
  ];
}

/** How what is in progress is ended, or what did not succeed is begun anew. */
function endsOf({ operation, error }: Heard): readonly Command[] {
  if (operation.settledAt === null) return [{ ...CANCEL, isPossible: operation.state !== "cancelling" }];
  return error === undefined ? [] : [RETRY];
}

const CANCEL: Command = {
  name: "cancel",
  title: "Cancel",
  question:
    "What is in progress stops, and what it has done so far is undone. A success already on its way still wins.",
  confirmation: "Stop it",
  isPossible: true,
  isDangerous: true,
  run: async (handle) => handle.cancel(PATIENCE),
};

const RETRY: Command = {
  name: "retry",
  title: "Retry",
  question: "The operation is done once more. Steps that are done are not repeated.",
  confirmation: "Retry",
  isPossible: true,
  isDangerous: false,
  run: async (handle) => handle.retry(PATIENCE),
};

const DELETE: Command = {
  name: "delete",
  title: "Delete",
  question: "The resource goes, and what belongs to it. This cannot be taken back.",
  confirmation: "Delete it",
  isPossible: true,
  isDangerous: true,
  run: async (handle) => handle.delete(PATIENCE),
};
