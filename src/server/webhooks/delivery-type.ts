import { defineResource } from "../../core/definition/define-resource.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { PermanentError, WorkError } from "../../core/errors.ts";
import type { JsonSchema, Schema } from "../../core/json/schema.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { DELIVERY_TYPE, type DeliveryConfiguration } from "../../core/webhooks/delivery-changes.ts";
import { allowedAddresses } from "./addresses.ts";
import { checkSecrets, type WebhookOptions } from "./options.ts";
import { type PayloadOptions, payloadOf } from "./payload.ts";
import { resolveByDns, resolveByMachine, sendWebhook } from "./send.ts";
import { signatureHeaders } from "./signature.ts";

/** Dependencies of deliveries. */
export interface DeliveryParts {
  readonly options: PayloadOptions & { readonly webhooks?: WebhookOptions | undefined };
  readonly clock: Clock;
  readonly log: Log;
}

/** Adds the type of deliveries to the types of an app with webhooks. */
export function withDeliveries(types: readonly ResourceType[], parts: DeliveryParts): readonly ResourceType[] {
  const { webhooks } = parts.options;
  return webhooks === undefined ? types : [...types, createDeliveryType(types, webhooks, parts)];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Pauses between the tries: seven, so that the eighth try is the last one. */
const PAUSES_MS = [5000, 30_000, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 8 * HOUR_MS, 24 * HOUR_MS];
/** Maximum number of requests to one host at a time, over all nodes. */
const MAX_REQUESTS_PER_HOST = 10;
/** Maximum number of requests of one worker. They take none of the slots of other types. */
const MAX_REQUESTS_PER_WORKER = 100;
const ATTEMPT_TIMEOUT_MS = MINUTE_MS;
const RETENTION_MS = 7 * 24 * HOUR_MS;

/** The details of a delivery. */
interface DeliveryDetails {
  /** Status code of the response. */
  readonly responseStatus: number;
}

const TEXT = { type: "string" } as const;

const CONFIGURATION = trusted<DeliveryConfiguration>({
  event: TEXT,
  host: TEXT,
  receiver: { enum: ["app", "resource"] },
  subject: { type: "object", properties: { type: TEXT, id: TEXT } },
  owner: { type: ["string", "null"] },
  url: TEXT,
  row: { type: "object" },
});

const DETAILS = trusted<DeliveryDetails>({ responseStatus: { type: "integer" } });

/** The part of the context of work that a delivery uses. */
interface SentDelivery {
  readonly id: string;
  readonly configuration: DeliveryConfiguration;
  readonly signal: AbortSignal;
}

type Send = (delivery: SentDelivery) => Promise<DeliveryDetails>;

/**
 * Creates the type whose resources are deliveries: durable operations that send one event to one receiver. Only
 * operators see them.
 */
function createDeliveryType(
  types: readonly ResourceType[],
  webhooks: WebhookOptions,
  parts: DeliveryParts,
): ResourceType {
  const sending = {
    status: "Delivering",
    timeoutMs: ATTEMPT_TIMEOUT_MS,
    retry: { pausesMs: PAUSES_MS },
    work: createSending(types, webhooks, parts),
  };
  const type = defineResource({
    name: DELIVERY_TYPE,
    description: "Deliveries of webhooks: each sends one event to one receiver.",
    mcp: false,
    configuration: CONFIGURATION,
    redact: ["url", "row"],
    details: DETAILS,
    statuses: { ready: "Delivered", failed: "Failed", cancelled: "Cancelled", failedAfterChange: true },
    create: sending,
    actions: { redeliver: sending },
    concurrency: {
      per: ({ configuration }) => configuration.host,
      limit: MAX_REQUESTS_PER_HOST,
      perWorker: MAX_REQUESTS_PER_WORKER,
    },
    representation: { timestamps: true, queuePosition: true },
    retention: { settledMs: RETENTION_MS },
  });
  return { ...type, isInternal: true };
}

function createSending(
  types: readonly ResourceType[],
  webhooks: WebhookOptions,
  { options, clock, log }: DeliveryParts,
): Send {
  const byName = new Map(types.map((type) => [type.name, type]));
  const allowed = allowedAddresses(webhooks.allow ?? []);
  return async ({ id, configuration: delivery, signal }) => {
    const secrets = await secretsOf(webhooks, delivery);
    const body = await payloadOf(delivery, byName.get(delivery.subject.type), options, log);
    const timestamp = Math.floor(clock.now() / 1000);
    const responseStatus = await sendWebhook({
      url: delivery.url,
      headers: {
        "content-type": "application/json",
        "user-agent": "afoot-webhooks",
        ...signatureHeaders(secrets, { id, timestamp, body }),
      },
      body,
      allowed,
      // Names that clients choose must not occupy threads of the process.
      resolve: delivery.receiver === "app" ? resolveByMachine : resolveByDns,
      signal,
      clock,
    });
    if (responseStatus >= 200 && responseStatus < 300) return { responseStatus };
    throw refusalOf(responseStatus);
  };
}

/** @throws PermanentError for a receiver that the app no longer declares; DefinitionError for secrets that are invalid */
async function secretsOf(
  { endpoints = [], perResource }: WebhookOptions,
  { receiver, url, owner }: DeliveryConfiguration,
): Promise<readonly string[]> {
  const declared = receiver === "app" ? endpoints.find((endpoint) => endpoint.url === url) : perResource;
  if (declared === undefined) {
    throw new PermanentError("The app no longer declares this receiver.", { code: "webhook-undeclared" });
  }
  const { secrets } = declared;
  if (typeof secrets !== "function") return secrets;
  const given = await secrets(owner ?? undefined);
  checkSecrets(given, "webhooks.perResource.secrets");
  return given;
}

function refusalOf(status: number): WorkError {
  if (status === 410) {
    return new PermanentError("The receiver responded with 410: it wants no more events.", { code: "webhook-gone" });
  }
  const note = status >= 300 && status < 400 ? " Redirects are not followed." : "";
  return new WorkError(`The receiver responded with ${status}.${note}`, { code: "webhook-refused" });
}

/** Creates a schema that accepts every value: only the app itself creates deliveries. */
function trusted<Value>(properties: JsonSchema): Schema<Value, Value> {
  const document = { type: "object", properties };
  return {
    "~standard": {
      version: 1,
      vendor: "afoot",
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- deliveryChanges wrote it
      validate: (value) => ({ value: value as Value }),
      jsonSchema: { input: () => document, output: () => document },
    },
  };
}
