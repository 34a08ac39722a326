import { randomUUID } from "node:crypto";
import { setTimeout as passes } from "node:timers/promises";
import { insist, type Origin } from "../../faults/clients.ts";
import { eventually } from "../../support/eventually.ts";
import { send } from "../../support/exchange.ts";
import { anyOf, random } from "../../support/random.ts";

export interface Wanted {
  readonly item: "lamp" | "chair" | "sofa";
  readonly quantity: number;
  readonly card: string;
  readonly address: string;
}

/** An order as it ended. */
export interface Ended {
  readonly id: string;
  readonly wanted: Wanted;
  readonly status: string;
  readonly error: string | undefined;
  readonly trackingNumber: unknown;
}

const OFTEN_CANCELLED = 0.12;

/** Orders something at random, perhaps changes its mind, and waits for the end. */
export async function shopping(origin: Origin): Promise<Ended> {
  const wanted: Wanted = {
    item: anyOf(["lamp", "lamp", "lamp", "chair", "sofa"]),
    quantity: anyOf([1, 2, 3]),
    card: anyOf(["tok_visa", "tok_visa", "tok_visa", "tok_visa", "tok_declined"]),
    address: anyOf(["1 Main Street", "1 Main Street", "1 Main Street", "1 Main Street", "Nowhere"]),
  };
  return ordered(origin, wanted, random() < OFTEN_CANCELLED ? random() * 400 : undefined);
}

/** Orders once, however often a server has to be asked, and waits for the end. */
export async function ordered(origin: Origin, wanted: Wanted, cancelAfterMs?: number): Promise<Ended> {
  const key = randomUUID();
  const accepted = await insist(origin, (to) =>
    send(`${to}/api/orders`, "POST", { configuration: wanted }, { "Idempotency-Key": key }),
  );
  const location = accepted.headers.get("Location");
  if (accepted.status !== 202 || location === null) throw new Error(`POST gave ${JSON.stringify(accepted.body)}`);
  if (cancelAfterMs !== undefined) {
    await passes(cancelAfterMs);
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
      return { id: String(id), wanted, status: String(status), error: codeOf(error), trackingNumber };
    },
    { timeoutMs: 600_000 },
  );
}

function codeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined;
}
