import type { Broker } from "../../src/core/ports/broker.ts";

/** Counts the requests of workers that are not answered yet. */
export class CountedRequests {
  inFlight = 0;

  /** Returns a broker whose requests are counted. */
  through(broker: Broker): Broker {
    return {
      ...broker,
      request: async (kind, request, options) => {
        this.inFlight++;
        try {
          return await broker.request(kind, request, options);
        } finally {
          this.inFlight--;
        }
      },
    };
  }
}
