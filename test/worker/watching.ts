import type { Broker } from "../../src/core/ports/broker.ts";
import type { WorkerRequestKind } from "../../src/core/ports/messages.ts";

/** Shows the test every request on its way to a server, which goes on once the test lets it. */
export function watching(
  onRequest: (kind: WorkerRequestKind, request: object) => Promise<void> | void,
): (broker: Broker) => Broker {
  return (broker) => ({
    ...broker,
    async request(kind, request, options) {
      await onRequest(kind, request);
      return broker.request(kind, request, options);
    },
  });
}
