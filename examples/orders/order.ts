import { defineResource, PermanentError } from "afoot";
import { z } from "zod";
import { call } from "./call.ts";
import type { ServiceName } from "./services/trades.ts";

export const PRICES_IN_CENTS = { lamp: 4000, chair: 8900, sofa: 89_900 };

/** A service that was killed is back after a moment. */
const RETRY = { attempts: 20, initialMs: 100, maxMs: 5000 };

/** What a service says to the request with this key. */
const answer = z.union([
  z.object({ key: z.string(), done: z.string() }),
  z.object({ key: z.string(), refused: z.object({ code: z.string(), reason: z.string() }) }),
]);

/** Paid, picked and shipped by three services that know nothing of each other; or all of it taken back. */
export const order = defineResource({
  name: "order",
  configuration: z.object({
    item: z.enum(["lamp", "chair", "sofa"]),
    quantity: z.int().min(1).max(10),
    card: z.string().meta({ examples: ["tok_visa", "tok_declined"] }),
    address: z.string().meta({ examples: ["1 Main Street", "Nowhere"] }),
  }),
  details: z.object({ paid: z.string(), picked: z.string(), trackingNumber: z.string() }),
  statuses: { ready: "Shipped" },
  receives: { payment: answer, stock: answer, shipping: answer },
  create: {
    status: "Placed",
    undo: { attempts: 50 },
    async work({ id, configuration: { item, quantity, card, address }, step, receive, report }) {
      let answers = 0;

      /** Asks a service, once however often this runs, and waits until it says what came of it. */
      const ask = async (service: ServiceName, request: object, shown?: { status: string; as: "paid" | "picked" }) => {
        const key = await step(`ask-${service}`, (run) => call(service, "PUT", run, { order: id, request }), {
          retry: RETRY,
          undo: (run) => call(service, "DELETE", run),
        });
        let said = await receive(service);
        // After a retry, the first is the answer to the request that was undone.
        while (said.key !== key) said = await receive(service);
        if ("refused" in said) throw new PermanentError(said.refused.reason, { code: said.refused.code });
        if (shown) report({ status: shown.status, details: { [shown.as]: said.done }, progress: ++answers / 3 });
        return said.done;
      };

      const [paid, picked] = await Promise.all([
        ask("payment", { amount: PRICES_IN_CENTS[item] * quantity, card }, { status: "Paid", as: "paid" }),
        ask("stock", { item, quantity }, { status: "Picked", as: "picked" }),
      ]);
      const trackingNumber = await ask("shipping", { address });
      return { paid, picked, trackingNumber };
    },
  },
});
