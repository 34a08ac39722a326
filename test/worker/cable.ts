import { AfootError } from "../../src/core/errors.ts";
import type { Broker } from "../../src/core/ports/broker.ts";

/** A connection between a worker and its servers that can be cut. */
export interface Cable {
  readonly through: (broker: Broker) => Broker;
  readonly cut: () => void;
  readonly repair: () => void;
}

export function cable(): Cable {
  let isCut = false;
  return {
    cut: () => {
      isCut = true;
    },
    repair: () => {
      isCut = false;
    },
    through: (broker) => ({
      ...broker,
      async request(kind, request, options) {
        const unavailable = (): AfootError => new AfootError("broker-unavailable", "the cable is cut");
        if (isCut) throw unavailable();
        const reply = await broker.request(kind, request, options);
        // Cut on the way back: the server has handled the request, and the reply is lost.
        if (isCut) throw unavailable();
        return reply;
      },
      progress(message) {
        if (!isCut) broker.progress(message);
      },
      onWake: (types, callback) => broker.onWake(types, () => !isCut && callback()),
      onNotice: (callback) => broker.onNotice((notices) => !isCut && callback(notices)),
    }),
  };
}
