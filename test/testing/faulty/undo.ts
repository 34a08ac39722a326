import { charge } from "./effects.ts";
import { type Fault, fault, stateFault } from "./fault.ts";

export const undoFaults: readonly Fault[] = [
  fault("effect-without-undo", "ship", async (faulty) => {
    const { step, effects, id } = faulty;
    await charge(faulty);
    await step("ship", ({ idempotencyKey: key }) => effects.perform({ effect: "ship", key }));
    return { name: id };
  }),

  fault("undo-does-not-restore", "ship", async ({ step, effects, id }) => {
    await step("ship", ({ idempotencyKey: key }) => effects.perform({ effect: "ship", key }), {
      undo: () => effects.revert({ effect: "ship", key: id }),
    });
    return { name: id };
  }),

  // Undoes only what the step has returned.
  fault("undo-needs-result", "ship", async ({ step, effects, id }) => {
    await step("ship", ({ idempotencyKey: key }) => effects.perform({ effect: "ship", key }, () => ({ parcel: key })), {
      undo: ({ result }) => void (result && effects.revert({ effect: "ship", key: result.parcel })),
    });
    return { name: id };
  }),

  fault("undo-needs-result", "ship", async ({ step, effects, id }) => {
    await step("ship", ({ idempotencyKey: key }) => effects.perform({ effect: "ship", key }, () => ({ parcel: key })), {
      undo: ({ result }) => effects.revert({ effect: "ship", key: (result as { parcel: string }).parcel }),
    });
    return { name: id };
  }),

  stateFault("undo-does-not-restore", "pick", (picked) => async ({ step }) => {
    const [left] = picked;
    await step("pick", ({ idempotencyKey: key }) => void (picked.includes(key) || picked.push(key)), {
      undo: () => left,
    });
    return { name: "1" };
  }),

  stateFault("effect-without-undo", "pick", (picked) => async ({ step }) => {
    await step("pick", ({ idempotencyKey: key }) => void (picked.includes(key) || picked.push(key)));
    await step("log", () => {});
    return { name: "1" };
  }),

  // It knows that it charged, and not that it refunded.
  stateFault("undo-repeats", "charge", (coins) => {
    const charged = new Set<string>();
    coins.push("coin", "coin");
    return async ({ step }) => {
      await step("charge", ({ idempotencyKey: key }) => void (charged.has(key) || (charged.add(key), coins.pop())), {
        undo: ({ idempotencyKey: key }) => void (charged.has(key) && coins.push("coin")),
      });
      await step("log", () => {});
      return { name: "1" };
    };
  }),

  fault("undo-fails", "ship", async ({ step, effects, id }) => {
    await step("ship", ({ idempotencyKey: key }) => effects.perform({ effect: "ship", key }), {
      undo: () => {
        throw new Error("no refunds");
      },
    });
    return { name: id };
  }),

  // The second refund fails, because there is nothing left.
  stateFault("undo-repeats", "charge", () => {
    const charged = new Set<string>();
    return async ({ step, effects }) => {
      await step(
        "charge",
        ({ idempotencyKey: key }) => void effects.perform({ effect: "charge", key }, () => charged.add(key)),
        {
          undo: ({ idempotencyKey: key }) => {
            if (!charged.has(key)) return;
            if (!effects.revert({ effect: "charge", key })) throw new Error("there is no such charge");
          },
        },
      );
      return { name: "1" };
    };
  }),

  fault("undo-repeats", "charge", async ({ step, effects, id }) => {
    await step("charge", ({ idempotencyKey: key }) => effects.perform({ effect: "charge", key, lasting: true }), {
      undo: () => effects.perform({ effect: "refund", key: undefined }),
    });
    return { name: id };
  }),
];
