import assert from "node:assert/strict";
import { test } from "vitest";
import { type CheckedRun, checkResource } from "afoot/testing";
import { type Call, services } from "../../../examples/orders/call.ts";
import { order } from "../../../examples/orders/order.ts";

/** Creates the three services in memory. Each performs a request once for each key, and then replies with a message. */
function fakeServices({ effects, send }: CheckedRun): Call {
  return async (service, method, { idempotencyKey: key }, request) => {
    if (method === "DELETE") effects.revert({ effect: service, key });
    else if (JSON.stringify(request).includes("Nowhere")) await send(service, { key, refused: REFUSAL });
    else await effects.perform({ effect: service, key, input: request }, () => send(service, { key, done: "yes" }));
    return key;
  };
}

const REFUSAL = { code: "address-unknown", reason: "No carrier delivers to this address." };

for (const address of ["1 Main Street", "Nowhere"]) {
  const configuration = { item: "lamp", quantity: 2, card: "tok_visa", address } as const;

  test(`an order to ${address} survives every crash and every cancel`, async () => {
    const { findings } = await checkResource(order, (run) => {
      services.call = fakeServices(run);
      return { configuration };
    });
    assert.deepEqual(findings, []);
  });
}
