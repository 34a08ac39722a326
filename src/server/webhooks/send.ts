import type { LookupAddress } from "node:dns";
import { lookup, Resolver } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { PermanentError, WorkError } from "../../core/errors.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { onAbort } from "../../core/scheduling/pause.ts";
import { type AllowedAddresses, isReachable } from "./addresses.ts";
import { literalAddress } from "./url.ts";

/** Resolves the name of a host to all its addresses. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** Resolves names as the machine does. */
export const resolveByMachine: Resolve = (host) => lookup(host, { all: true });

/**
 * Resolves names by DNS alone. A name server that hangs occupies no thread of the process, unlike in
 * {@link resolveByMachine}.
 */
export const resolveByDns: Resolve = async (host) => {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = [
    ...(v4.status === "fulfilled" ? v4.value.map((address) => ({ address, family: 4 })) : []),
    ...(v6.status === "fulfilled" ? v6.value.map((address) => ({ address, family: 6 })) : []),
  ];
  if (addresses.length === 0 && v4.status === "rejected") throw v4.reason;
  return addresses;
};

/** A request to a receiver. */
export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowed: AllowedAddresses;
  readonly resolve: Resolve;
  /** Aborted when the attempt ends early. */
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, "after">;
}

/** Maximum duration of a request: resolution, connection and the head of the response. */
const TIMEOUT_MS = 15_000;
const MAX_HEADER_BYTES = 16_384;
/** Maximum size, and maximum time, up to which the body of a response is read, so that its receiver can end it. */
const MAX_BODY_BYTES = 16_384;
const MAX_BODY_MS = 2000;

/**
 * Sends a POST to a host whose addresses are all public or allowed, and connects to no other address than those that were
 * checked. Redirects are not followed. Resolves to the status of the response.
 *
 * @throws WorkError; PermanentError for an address that is not allowed
 */
export function sendWebhook(request: WebhookRequest): Promise<number> {
  return transport(request);
}

/** Sends a request, and resolves to the status of its response. */
type WebhookTransport = (request: WebhookRequest) => Promise<number>;

let transport: WebhookTransport = sendOverNetwork;

/** Replaces the network for the whole process, for a simulation. Returns a function that restores it. */
export function replaceWebhookTransport(replacement: WebhookTransport): () => void {
  transport = replacement;
  return () => {
    transport = sendOverNetwork;
  };
}

async function sendOverNetwork(request: WebhookRequest): Promise<number> {
  const timeout = new AbortController();
  const cancelTimeout = request.clock.after(TIMEOUT_MS, () => timeout.abort());
  const signal = AbortSignal.any([request.signal, timeout.signal]);
  const aborted = Promise.withResolvers<never>();
  const removeListener = onAbort(signal, aborted.reject);
  try {
    const addresses = await Promise.race([checkedAddresses(request), aborted.promise]);
    return await post(request, addresses, signal);
  } catch (error) {
    if (error instanceof WorkError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "an error of the connection";
    const reason = timeout.signal.aborted ? `no response within ${TIMEOUT_MS / 1000} seconds` : code;
    throw new WorkError(`The receiver could not be reached: ${reason}.`, { code: "webhook-unreachable", cause: error });
  } finally {
    removeListener();
    cancelTimeout();
  }
}

/** Resolves a host once. @throws PermanentError if one of its addresses is not allowed */
async function checkedAddresses({ url, allowed, resolve }: WebhookRequest): Promise<readonly LookupAddress[]> {
  const target = new URL(url);
  const literal = literalAddress(target);
  const addresses =
    literal === undefined
      ? await resolve(target.hostname)
      : [{ address: literal, family: literal.includes(":") ? 6 : 4 }];
  if (addresses.length === 0) {
    throw new WorkError("The receiver's host has no address.", { code: "webhook-unreachable" });
  }
  const isPlain = target.protocol !== "https:";
  const isAllowed = ({ address }: LookupAddress): boolean =>
    isReachable(address, allowed) && (!isPlain || allowed.has(address));
  if (addresses.every(isAllowed)) return addresses;
  throw new PermanentError("The receiver's host has an address that webhooks must not reach.", {
    code: "webhook-address",
  });
}

/** Always returns the checked addresses, whatever the name resolves to by now. */
function lookupOf(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? "", first?.family);
  };
}

function post(
  { url, headers, body, clock }: WebhookRequest,
  addresses: readonly LookupAddress[],
  signal: AbortSignal,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  const outgoing = send(url, {
    method: "POST",
    headers,
    // A connection of its own: one that is kept alive could lead to an address of an earlier check.
    agent: false,
    lookup: lookupOf(addresses),
    maxHeaderSize: MAX_HEADER_BYTES,
    signal,
  });
  let status: number | undefined;
  let cancelTimer = (): void => {};
  // The status decides, however the body ends.
  const end = (error: Error): void => {
    cancelTimer();
    if (status === undefined) reject(error);
    else resolve(status);
  };
  const close = (): void => end(new Error("the connection was closed without a response"));
  outgoing.on("response", (response) => {
    status = response.statusCode;
    cancelTimer = clock.after(MAX_BODY_MS, () => outgoing.destroy());
    let bytes = 0;
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) outgoing.destroy();
    });
    response.on("error", end);
    response.on("close", close);
  });
  outgoing.on("error", end);
  outgoing.on("close", close);
  outgoing.end(body);
  return promise;
}
