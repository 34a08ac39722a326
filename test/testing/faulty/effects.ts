import { randomUUID } from "node:crypto";
import { type Fault, fault, type Faulty, stateFault } from "./fault.ts";

/** Performs an effect in a step, and undoes it. */
export const charge = ({ step, effects }: Faulty, key?: (given: string) => string | undefined): Promise<string> =>
  step(
    "charge",
    ({ idempotencyKey }) =>
      effects.perform(
        { effect: "charge", key: key === undefined ? idempotencyKey : key(idempotencyKey), lasting: key !== undefined },
        () => "EUR 80",
      ),
    {
      undo: ({ idempotencyKey }) => effects.revert({ effect: "charge", key: idempotencyKey }),
    },
  );

export const effectFaults: readonly Fault[] = [
  fault("effect-repeated", "charge", async (faulty) => {
    await charge(faulty, () => undefined);
    return { name: "1" };
  }),

  // A fake that has only state.
  stateFault("effect-repeated", undefined, (picked) => async ({ step }) => {
    await step("pick", () => void picked.push("lamp"), { undo: () => void picked.pop() });
    return { name: "1" };
  }),

  fault("key-changed", "charge", async (faulty) => {
    await charge(faulty, () => randomUUID());
    return { name: "1" };
  }),

  fault("key-shared", "charge again", async (faulty) => {
    const { step, effects, id } = faulty;
    await step("charge", () => effects.perform({ effect: "charge", key: id, input: 80, lasting: true }));
    await step("charge again", () => effects.perform({ effect: "charge", key: id, input: 90, lasting: true }));
    return { name: id };
  }),

  fault("request-changed", "charge", async ({ step, effects }) => {
    await step("charge", ({ idempotencyKey: key }) =>
      effects.perform({ effect: "charge", key, input: { at: Date.now() }, lasting: true }),
    );
    return { name: "1" };
  }),

  fault("effect-outside-step", undefined, async (faulty) => {
    const { effects, id } = faulty;
    await charge(faulty);
    effects.perform({ effect: "mail", key: id, lasting: true });
    return { name: id };
  }),

  fault("effect-missing", "mail", async (faulty) => {
    const { step, effects, attempt, id } = faulty;
    await charge(faulty);
    await step(
      "mail",
      ({ idempotencyKey: key }) => {
        if (attempt === 1) effects.perform({ effect: "mail", key });
      },
      { undo: ({ idempotencyKey: key }) => effects.revert({ effect: "mail", key }) },
    );
    return { name: id };
  }),
];
