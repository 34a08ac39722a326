import { plural } from "../../core/definition/names.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { DefinitionError } from "../../core/errors.ts";
import type { WebhookPolicy } from "../../core/policy.ts";
import { DELIVERY_TYPE } from "../../core/webhooks/delivery-changes.ts";
import type { WebhookOptions } from "./options.ts";

/**
 * Adds the receivers of events to the types of an app. Types without receivers stay the same objects.
 *
 * @throws DefinitionError for a type that the app does not have, or that has the name of deliveries
 */
export function linkWebhooks<Types extends readonly ResourceType[]>(
  types: Types,
  webhooks: WebhookOptions | undefined,
): Types;
export function linkWebhooks(
  types: readonly ResourceType[],
  webhooks: WebhookOptions | undefined,
): readonly ResourceType[] {
  if (webhooks === undefined) return types;
  if (types.some(({ name, path }) => name === DELIVERY_TYPE || path === plural(DELIVERY_TYPE))) {
    throw new DefinitionError(
      `createApp: webhooks: a type has the name ${JSON.stringify(DELIVERY_TYPE)} or its path, which deliveries have. Rename it.`,
    );
  }
  const { endpoints = [], perResource } = webhooks;
  const known = new Set(types.map(({ name }) => name));
  const named = [...endpoints, ...(perResource === undefined ? [] : [perResource])].flatMap((each) => each.types ?? []);
  const unknown = named.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new DefinitionError(
      `webhooks: types: ${JSON.stringify(unknown)} is not a type of the app. Use its name, such as "virtual-machine".`,
    );
  }
  return types.map((type) => {
    const includes = ({ types: only }: { readonly types?: readonly string[] }): boolean =>
      only?.includes(type.name) ?? true;
    const policy: WebhookPolicy = {
      urls: endpoints.filter(includes).map(({ url }) => url),
      perResource: perResource !== undefined && includes(perResource),
    };
    return policy.urls.length === 0 && !policy.perResource
      ? type
      : { ...type, policy: { ...type.policy, webhooks: policy } };
  });
}
