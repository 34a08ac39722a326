import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { ChildCommand } from "../../core/events.ts";
import { withoutSecrets } from "../../core/json/redact.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import type { ChildMessage } from "../../core/ports/messages.ts";
import type { Store } from "../../core/ports/store.ts";
import { turnOf } from "../turns/turn-key.ts";

/**
 * Completes the commands of workers: validates configurations like those of clients, and adds the limits of the type.
 * Returns the reason if a child cannot be created.
 */
export type ChildCommands = (
  message: ChildMessage,
  parentOperation: string,
) => Promise<ChildCommand | { readonly detail: string }>;

export function createChildCommands(
  types: readonly ResourceType[],
  store: Pick<Store, "readByOperation">,
): ChildCommands {
  const byName = new Map(types.map((type) => [type.name, type]));
  return async (message, parentOperation) => {
    if (message.command === "delete") return message;
    const type = byName.get(message.type);
    if (type === undefined) {
      const detail = `The app has no resource type ${JSON.stringify(message.type)}; add it to resources of createApp.`;
      return { detail };
    }
    const label = `The configuration of the ${type.name} ${JSON.stringify(message.name)}`;
    const sent: unknown = JSON.parse(message.configuration);
    const validated = await validateToJson(type.configuration.schema, sent, "/configuration");
    if (validated.issues !== undefined) {
      const issues = withoutSecrets(validated.issues, sent, type.policy.redact);
      const reasons = issues.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ");
      return { detail: `${label} is invalid: ${reasons}.` };
    }
    const { maxInProgress } = type;
    const command = {
      ...message,
      configuration: validated.text,
      rawConfiguration: message.configuration,
      ...(maxInProgress === undefined ? {} : { maxInProgress }),
    };
    if (type.turnOf === undefined) return command;
    const [parent] = await store.readByOperation([parentOperation]);
    try {
      return { ...command, ...turnOf(type, { ...command, owner: parent?.owner ?? "" }, undefined) };
    } catch (error) {
      return { detail: `${label} has no key for its turn: ${error instanceof Error ? error.message : String(error)}` };
    }
  };
}
