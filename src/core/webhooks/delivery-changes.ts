import type { AcceptChange, ChangeStamp } from "../change.ts";
import type { JsonText } from "../json/json.ts";
import { redacted } from "../json/redact.ts";
import { isInProgress } from "../operation.ts";
import { MAX_TURN_LENGTH, type Policies, type TypePolicy } from "../policy.ts";
import type { Resource, ResourceKey } from "../resource.ts";

/** Name of the type whose resources are deliveries: each sends one event to one receiver. */
export const DELIVERY_TYPE = "webhook-delivery";

/** The configuration of a delivery. It is stored in the commit that settles the operation, and never changes. */
export interface DeliveryConfiguration {
  /** The type of the payload, such as `virtual-machine.settled`. */
  readonly event: string;
  /** Host of the receiver. */
  readonly host: string;
  /** `app` for a receiver that the app declares, `resource` for one that a client named. */
  readonly receiver: "app" | "resource";
  readonly subject: ResourceKey;
  readonly owner: string | null;
  readonly url: string;
  /** The row as the commit stored it, without its secrets. */
  readonly row: Resource;
}

/** Returns the host of a receiver, under which its deliveries take turns. */
function turnOfUrl(url: string): string {
  return new URL(url).hostname.slice(0, MAX_TURN_LENGTH);
}

/** Returns the maximum number of deliveries that one change of a resource of the type begins. */
export function maxDeliveries(policies: Policies, type: string): number {
  const webhooks = policies.get(type)?.webhooks;
  return webhooks === undefined ? 0 : webhooks.urls.length + Number(webhooks.perResource);
}

/**
 * Returns the changes that begin the deliveries of an event: the operation of a resource is settled. They belong into the
 * same transaction, so that no event is lost and none is sent that was not committed. Their ids derive from the
 * operation, which is settled once.
 */
export function deliveryChanges(
  policy: TypePolicy | undefined,
  before: Resource | undefined,
  after: Resource,
  { at, random }: ChangeStamp,
): readonly AcceptChange[] {
  if (policy?.webhooks === undefined || before === undefined) return [];
  if (!isInProgress(before.operation) || isInProgress(after.operation)) return [];
  const { urls, perResource } = policy.webhooks;
  const receivers: readonly (readonly [url: string, receiver: DeliveryConfiguration["receiver"]])[] = [
    ...urls.map((url) => [url, "app"] as const),
    ...(perResource && after.webhook !== null ? [[after.webhook, "resource"] as const] : []),
  ];
  if (receivers.length === 0) return [];
  const { type, id, owner, operation, deletedAt } = after;
  const { traceparent } = operation;
  const event = `${type}.${deletedAt === null ? "settled" : "deleted"}`;
  const row = withoutSecrets(after, policy);
  return receivers.map(([url, receiver], index) => {
    const host = turnOfUrl(url);
    const configuration: DeliveryConfiguration = { event, host, receiver, subject: { type, id }, owner, url, row };
    const delivery = `msg_${operation.id}${index === 0 ? "" : `-${index}`}`;
    return {
      change: "accept",
      at,
      random,
      key: { type: DELIVERY_TYPE, id: delivery },
      expect: "absent",
      operation: {
        ...{ id: delivery, kind: "create", configuration: JSON.stringify(configuration), turn: host },
        ...(traceparent === null ? {} : { traceparent }),
      },
    };
  });
}

/** Returns a row with only what its representation shows. */
function withoutSecrets(resource: Resource, { redact }: TypePolicy): Resource {
  const shown = (text: JsonText): JsonText => (redact.length === 0 ? text : redacted(text, redact));
  const configuration = shown(resource.configuration);
  const { operation } = resource;
  return {
    ...resource,
    webhook: null,
    configuration,
    rawConfiguration: configuration,
    operation: {
      ...operation,
      configuration,
      rawConfiguration: configuration,
      input: null,
      details: null,
      principal: null,
      requestedDeletePrincipal: null,
    },
  };
}
