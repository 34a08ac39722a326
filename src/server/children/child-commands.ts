import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { ChildCommand } from "../../core/events.ts";
import { withoutSecrets } from "../../core/json/redact.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import type { ChildMessage } from "../../core/ports/messages.ts";

/** The reason why a child cannot be created. */
export interface InvalidChild {
  readonly detail: string;
}

/** Completes the commands of workers: validates configurations like those of clients, and adds the limit of the type. */
export type ChildCommands = (message: ChildMessage) => Promise<ChildCommand | InvalidChild>;

export function createChildCommands(types: readonly ResourceType[]): ChildCommands {
  const byName = new Map(types.map((type) => [type.name, type]));
  return async (message) => {
    if (message.command === "delete") return message;
    const type = byName.get(message.type);
    if (type === undefined) {
      return {
        detail: `The app has no resource type ${JSON.stringify(message.type)}; add it to resources of createApp.`,
      };
    }
    const sent: unknown = JSON.parse(message.configuration);
    const validated = await validateToJson(type.configuration.schema, sent, "/configuration");
    if (validated.issues !== undefined) {
      const issues = withoutSecrets(validated.issues, sent, type.policy.redact);
      const reasons = issues.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ");
      return {
        detail: `The configuration of the ${type.name} ${JSON.stringify(message.name)} is invalid: ${reasons}.`,
      };
    }
    const { maxInProgress } = type;
    return {
      ...message,
      configuration: validated.text,
      rawConfiguration: message.configuration,
      ...(maxInProgress === undefined ? {} : { maxInProgress }),
    };
  };
}
