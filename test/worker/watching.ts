import type { Broker } from "../../src/core/ports/broker.ts";
import type { WorkerRequestKind } from "../../src/core/ports/messages.ts";

/** Wraps a broker so that a test sees every request, and can delay it, before it reaches a server. */
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
