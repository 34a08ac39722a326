import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { insist, type Origin } from "../../faults/clients.ts";
import { eventually } from "../../support/eventually.ts";
import { send } from "../../support/exchange.ts";
import { anyOf, random } from "../../support/random.ts";

export interface OrderRequest {
  readonly item: "lamp" | "chair" | "sofa";
  readonly quantity: number;
  readonly card: string;
  readonly address: string;
}

/** A settled order. */
export interface SettledOrder {
  readonly id: string;
  readonly request: OrderRequest;
  readonly status: string;
  readonly error: string | undefined;
  readonly trackingNumber: unknown;
}

const CANCEL_PROBABILITY = 0.12;

/** Places a random order, cancels some of them, and waits until it settles. */
export async function placeRandomOrder(origin: Origin): Promise<SettledOrder> {
  const request: OrderRequest = {
    item: anyOf(["lamp", "lamp", "lamp", "chair", "sofa"]),
    quantity: anyOf([1, 2, 3]),
    card: anyOf(["tok_visa", "tok_visa", "tok_visa", "tok_visa", "tok_declined"]),
    address: anyOf(["1 Main Street", "1 Main Street", "1 Main Street", "1 Main Street", "Nowhere"]),
  };
  return placeOrder(origin, request, random() < CANCEL_PROBABILITY ? random() * 400 : undefined);
}

/** Places one order, with retries under one idempotency key, and waits until it settles. */
export async function placeOrder(origin: Origin, request: OrderRequest, cancelAfterMs?: number): Promise<SettledOrder> {
  const key = randomUUID();
  const accepted = await insist(origin, (to) =>
    send(`${to}/api/orders`, "POST", { configuration: request }, { "Idempotency-Key": key }),
  );
  const location = accepted.headers.get("Location");
  if (accepted.status !== 202 || location === null) throw new Error(`POST gave ${JSON.stringify(accepted.body)}`);
  if (cancelAfterMs !== undefined) {
    await sleep(cancelAfterMs);
    await insist(origin, (to) => send(`${to}${location}/cancel`, "POST"));
  }
  return eventually(
    `${location} to settle`,
    async () => {
      const { headers, body } = await insist(origin, (to) =>
        send(to + location, "GET", undefined, { Prefer: "wait=10" }),
      );
      if (headers.has("Retry-After")) return undefined;
      const { id, status, error, trackingNumber } = body;
      return { id: String(id), request, status: String(status), error: codeOf(error), trackingNumber };
    },
    { timeoutMs: 600_000 },
  );
}

function codeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined;
}
