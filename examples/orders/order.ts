import { defineResource, PermanentError } from "afoot";
import { z } from "zod";
import { services } from "./call.ts";
import type { ServiceName } from "./services/trades.ts";

export const PRICES_IN_CENTS = { lamp: 4000, chair: 8900, sofa: 89_900 };

/** Bridges the restart of a killed service. */
const RETRY = { attempts: 20, initialMs: 100, maxMs: 5000 };

/** The reply of a service to the request with this key. */
const serviceReply = z.union([
  z.object({ key: z.string(), done: z.string() }),
  z.object({ key: z.string(), refused: z.object({ code: z.string(), reason: z.string() }) }),
]);

/** An order that three independent services pay, pick and ship. If one refuses, the others are undone. */
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
  receives: { payment: serviceReply, stock: serviceReply, shipping: serviceReply },
  create: {
    status: "Placed",
    undo: { attempts: 50 },
    async work({ id, configuration: { item, quantity, card, address }, step, receive, report }) {
      let replies = 0;

      /** Sends a request to a service, exactly once across retries, and waits for its reply. */
      const requestFrom = async (
        service: ServiceName,
        request: object,
        shown?: { status: string; as: "paid" | "picked" },
      ) => {
        const key = await step(
          `request-${service}`,
          (run) => services.call(service, "PUT", run, { order: id, request }),
          {
            retry: RETRY,
            undo: (run) => services.call(service, "DELETE", run),
          },
        );
        let reply = await receive(service);
        // After a retry, the first message replies to the request that was undone.
        while (reply.key !== key) reply = await receive(service);
        if ("refused" in reply) throw new PermanentError(reply.refused.reason, { code: reply.refused.code });
        if (shown) report({ status: shown.status, details: { [shown.as]: reply.done }, progress: ++replies / 3 });
        return reply.done;
      };

      const [paid, picked] = await Promise.all([
        requestFrom("payment", { amount: PRICES_IN_CENTS[item] * quantity, card }, { status: "Paid", as: "paid" }),
        requestFrom("stock", { item, quantity }, { status: "Picked", as: "picked" }),
      ]);
      const trackingNumber = await requestFrom("shipping", { address });
      return { paid, picked, trackingNumber };
    },
  },
});
