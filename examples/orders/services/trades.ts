import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";

export type Outcome =
  | { readonly done: string }
  | { readonly refused: { readonly code: string; readonly reason: string } };

/** The business logic of a service, without transport and storage. */
export interface Trade<Request extends z.ZodType> {
  readonly request: Request;
  readonly durationMs: number;
  readonly perform: (request: z.output<Request>, order: string, books: DatabaseSync) => Outcome;
}

const trade = <Request extends z.ZodType>(declared: Trade<Request>): Trade<Request> => declared;
const refused = (code: string, reason: string): Outcome => ({ refused: { code, reason } });

/** Initial stock. */
export const STOCK = { lamp: 1000, chair: 100, sofa: 0 };

const PICKED = `SELECT coalesce(sum(request ->> 'quantity'), 0) AS pieces FROM requests WHERE state = 'done' AND request ->> 'item' = ?`;

export const trades = {
  payment: trade({
    request: z.object({ amount: z.int().positive(), card: z.string() }),
    durationMs: 2000,
    perform: ({ amount, card }) =>
      card === "tok_declined"
        ? refused("payment-refused", "The card was declined.")
        : { done: `EUR ${(amount / 100).toFixed(2)}` },
  }),
  stock: trade({
    request: z.object({ item: z.enum(["lamp", "chair", "sofa"]), quantity: z.int().positive() }),
    durationMs: 4000,
    perform({ item, quantity }, _order, books) {
      const left = STOCK[item] - Number(books.prepare(PICKED).get(item)?.["pieces"]);
      if (left < quantity) return refused("out-of-stock", `Not enough in stock: ${left} left.`);
      return { done: `${quantity} x ${item}` };
    },
  }),
  shipping: trade({
    request: z.object({ address: z.string() }),
    durationMs: 3000,
    perform({ address }, order) {
      if (address === "Nowhere") return refused("address-unknown", "No carrier delivers to this address.");
      return { done: `AF${createHash("sha256").update(order).digest("hex").slice(0, 10).toUpperCase()}` };
    },
  }),
};

export type ServiceName = keyof typeof trades;
