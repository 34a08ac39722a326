import { setImmediate as nextTick } from "node:timers/promises";
import { AfootError } from "../../src/core/errors.ts";
import type { Broker } from "../../src/core/ports/broker.ts";

/** The outcome of one request on a lossy network. */
export type Fate = "arrives" | "lost" | "reply lost" | "twice" | "late" | "late again";

export const FATES: readonly Fate[] = [
  "arrives",
  "arrives",
  "arrives",
  "lost",
  "reply lost",
  "twice",
  "late",
  "late again",
];

/** A broker that loses, repeats and delays messages as `next` decides. A network may do all of that. */
export function lossyBroker(broker: Broker, next: () => Fate): Broker {
  const unanswered = (): AfootError => new AfootError("broker-unavailable", "nobody answered");
  return {
    ...broker,
    async request(kind, request, options) {
      const ask = (): ReturnType<typeof broker.request<typeof kind>> => broker.request(kind, request, options);
      const again = async (turns: number): Promise<void> => {
        for (let remaining = turns; remaining > 0; remaining--) await nextTick();
        await ask();
      };
      switch (next()) {
        case "arrives":
          return ask();
        case "lost":
          throw unanswered();
        case "reply lost":
          await ask();
          throw unanswered();
        case "twice": {
          const first = ask();
          void again(0).catch(() => {});
          return first;
        }
        case "late":
          for (let remaining = 30; remaining > 0; remaining--) await nextTick();
          return ask();
        case "late again":
          // The request arrives once more, long after its attempt has ended.
          void again(200).catch(() => {});
          return ask();
      }
    },
    progress(message) {
      const fate = next();
      if (fate === "lost" || fate === "reply lost") return;
      if (fate === "late") setImmediate(() => broker.progress(message));
      else broker.progress(message);
      if (fate === "twice") broker.progress(message);
    },
    onWake: (types, callback) => broker.onWake(types, () => next() !== "lost" && callback()),
    onNotice: (callback) => broker.onNotice((notices) => next() !== "lost" && callback(notices)),
  };
}
