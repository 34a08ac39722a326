import type { AcceptRequest } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isAfootError } from "../../core/errors.ts";
import type { ChildCommand } from "../../core/events.ts";
import type { JsonText } from "../../core/json/json.ts";
import { withoutSecrets } from "../../core/json/redact.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import type { ChildMessage } from "../../core/ports/messages.ts";
import type { Store } from "../../core/ports/store.ts";

/** The reason why a child cannot be created. */
export interface InvalidChild {
  readonly detail: string;
}

/** Completes the commands of workers: validates configurations like those of clients, and adds the limits of the type. */
export type ChildCommands = (message: ChildMessage, parentOperation: string) => Promise<ChildCommand | InvalidChild>;

export interface ChildCommandsParts {
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "readByOperation">;
  /** Computes the key under which an operation takes turns. Throws for a configuration without one. */
  readonly turnOf: (
    type: ResourceType,
    operation: Pick<AcceptRequest, "configuration" | "owner">,
    before: undefined,
  ) => Pick<AcceptRequest, "turn">;
}

export function createChildCommands({ types, store, turnOf }: ChildCommandsParts): ChildCommands {
  const byName = new Map(types.map((type) => [type.name, type]));

  const turnFor = async (type: ResourceType, configuration: JsonText, parentOperation: string) => {
    if (type.turnOf === undefined) return {};
    const [parent] = await store.readByOperation([parentOperation]);
    const owner = parent?.owner ?? undefined;
    return turnOf(type, { configuration, ...(owner === undefined ? {} : { owner }) }, undefined);
  };

  return async (message, parentOperation) => {
    if (message.command === "delete") return message;
    const type = byName.get(message.type);
    if (type === undefined) {
      return {
        detail: `The app has no resource type ${JSON.stringify(message.type)}; add it to resources of createApp.`,
      };
    }
    const label = `The configuration of the ${type.name} ${JSON.stringify(message.name)}`;
    const sent: unknown = JSON.parse(message.configuration);
    const validated = await validateToJson(type.configuration.schema, sent, "/configuration");
    if (validated.issues !== undefined) {
      const issues = withoutSecrets(validated.issues, sent, type.policy.redact);
      return {
        detail: `${label} is invalid: ${issues.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ")}.`,
      };
    }
    const { maxInProgress } = type;
    try {
      return {
        ...message,
        configuration: validated.text,
        rawConfiguration: message.configuration,
        ...(maxInProgress === undefined ? {} : { maxInProgress }),
        ...(await turnFor(type, validated.text, parentOperation)),
      };
    } catch (error) {
      if (isAfootError(error) && error.code === "store-unavailable") throw error;
      return { detail: `${label} has no key for its turn: ${error instanceof Error ? error.message : String(error)}` };
    }
  };
}
