import type { WebhookRequest } from "../../../src/server/webhooks/send.ts";
import type { SettledOperation } from "../checks/row-checks.ts";
import type { Boundary } from "../world/boundary.ts";

const SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const URL_OF_APP = "https://hooks.simulation.example/app";

/** The types whose events the app sends. */
const HOOKED: readonly string[] = ["machine", "family", "approval"];

/** The webhooks of all nodes. */
export const WEBHOOKS = { endpoints: [{ url: URL_OF_APP, secrets: [SECRET], types: HOOKED }] };

/** The server that gets webhooks. */
export class WebhookReceiver {
  static readonly #processes = new WeakMap<
    object,
    { readonly receiver: WebhookReceiver; readonly boundary: Boundary }
  >();
  /** Number of times that each event has arrived, by its id. */
  readonly arrived = new Map<string, number>();
  /** Probability that a request is refused, or its response lost. */
  failing = 0;

  /** Connects a process, which its clock identifies. */
  connect(boundary: Boundary, clock: object): void {
    WebhookReceiver.#processes.set(clock, { receiver: this, boundary });
  }

  /** Sends a request of a process. Resolves to the status of the response. */
  static async send({ clock, headers }: WebhookRequest): Promise<number> {
    const { receiver, boundary } = this.#processes.get(clock) ?? {};
    if (receiver === undefined || boundary === undefined) throw new Error("the process is not connected");
    const id = headers["webhook-id"] ?? "";
    return boundary.slowCall(`webhook ${id.slice(-4)}`, () => {
      const chance = boundary.clock.random() / Math.max(receiver.failing, 1e-9);
      if (chance < 0.5) return 503;
      receiver.arrived.set(id, (receiver.arrived.get(id) ?? 0) + 1);
      if (chance < 1) throw new Error("the response is lost");
      return 200;
    });
  }

  /** Returns the id of the event for the end of an operation; undefined if none is sent. */
  static eventOf({ type, id, kind }: Pick<SettledOperation, "type" | "id" | "kind">): string | undefined {
    // Approvals have no work that deletes them. The delete of a settled one has no event.
    const isSent = HOOKED.includes(type) && !(type === "approval" && kind === "delete");
    return isSent ? `msg_${id}` : undefined;
  }
}
