import { DefinitionError } from "../../core/errors.ts";
import { allowedAddresses } from "./addresses.ts";
import { secretError } from "./signature.ts";
import { webhookUrlError } from "./url.ts";

/** A receiver of the events of an app. */
export interface WebhookEndpoint {
  /** An https URL. */
  readonly url: string;
  /**
   * Secrets that sign the requests: `whsec_` and 24 to 64 bytes in Base64. While one is replaced, give both: a receiver
   * accepts a request if one of its signatures is valid.
   */
  readonly secrets: readonly string[];
  /** Names of the resource types whose events it gets. @default all types */
  readonly types?: readonly string[];
}

/** Returns the secrets for the receivers that an owner names. Called for each request. */
export type WebhookSecrets = (owner: string | undefined) => readonly string[] | Promise<readonly string[]>;

/** Receivers that clients name in the field `webhook` of a POST. */
export interface ResourceWebhooks {
  /** Names of the resource types whose POST accepts the field. @default all types */
  readonly types?: readonly string[];
  /** Secrets of the app, or a function that returns those of an owner. */
  readonly secrets: readonly string[] | WebhookSecrets;
}

/** Requests of the app to other servers when an operation is settled. @see https://www.standardwebhooks.com */
export interface WebhookOptions {
  /** Receivers of the app. @default none */
  readonly endpoints?: readonly WebhookEndpoint[];
  /** Lets clients name a receiver for each resource. @default the field is rejected */
  readonly perResource?: ResourceWebhooks;
  /**
   * Addresses and ranges that may be reached although they are not public, such as `10.1.0.0/16`. URLs to them may use
   * http. @default none
   */
  readonly allow?: readonly string[];
}

/** Checks the option `webhooks`. @throws DefinitionError naming the field */
export function checkWebhookOptions({ endpoints = [], perResource, allow = [] }: WebhookOptions): void {
  const allowed = allowedAddresses(allow);
  endpoints.forEach(({ url, secrets }, index) => {
    const error = webhookUrlError(url, allowed);
    if (error !== undefined) throw new DefinitionError(`webhooks.endpoints[${index}].url: ${error}`);
    checkSecrets(secrets, `webhooks.endpoints[${index}].secrets`);
  });
  const urls = new Set(endpoints.map(({ url }) => url));
  if (urls.size < endpoints.length) {
    throw new DefinitionError("webhooks.endpoints: a URL is declared twice. Declare it once, with all its types.");
  }
  if (perResource === undefined || typeof perResource.secrets === "function") return;
  checkSecrets(perResource.secrets, "webhooks.perResource.secrets");
}

/** @throws DefinitionError that never contains a secret */
export function checkSecrets(secrets: unknown, path: string): asserts secrets is readonly string[] {
  if (!Array.isArray(secrets) || secrets.length === 0 || secrets.length > MAX_SECRETS) {
    throw new DefinitionError(`${path}: is not a list of 1 to ${MAX_SECRETS} secrets. Give at least one.`);
  }
  secrets.forEach((secret: unknown, index) => {
    const error = secretError(secret);
    if (error !== undefined) throw new DefinitionError(`${path}[${index}]: ${error}`);
  });
}

/** Maximum number of secrets at once: each adds a signature to the header. */
const MAX_SECRETS = 5;
