import { plural } from "../../core/definition/names.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { DefinitionError } from "../../core/errors.ts";
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
  const named = [...endpoints, perResource].flatMap((each) => each?.types ?? []);
  const unknown = named.find((name) => types.every((type) => type.name !== name));
  if (unknown !== undefined) {
    throw new DefinitionError(
      `webhooks: types: ${JSON.stringify(unknown)} is not a type of the app. Use its name, such as "virtual-machine".`,
    );
  }
  return types.map((type) => {
    const includes = (each: { readonly types?: readonly string[] }): boolean => each.types?.includes(type.name) ?? true;
    const urls = endpoints.filter(includes).map(({ url }) => url);
    const policy = { urls, perResource: perResource !== undefined && includes(perResource) };
    const hasReceivers = urls.length > 0 || policy.perResource;
    return hasReceivers ? { ...type, policy: { ...type.policy, webhooks: policy } } : type;
  });
}
