import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** Posts what is said to an order. False where it has to be posted again; that the order is over, is an answer as well. */
export type Post = (key: string, order: string, said: string) => Promise<boolean>;

type Send = (order: string, event: string) => Promise<boolean>;

/** Status messages go over NATS where the app has it, and else over HTTP to the app, whose own broker takes them. */
export function postFrom(name: string, to: string): Post {
  const send = to.startsWith("http") ? overHttp(to) : overNats(to);
  return async (key, order, said) => {
    const context = { specversion: "1.0", type: "dev.afoot.received", id: key, source: `/${name}` };
    const event = { ...context, subject: `order/${order}`, data: { name, value: JSON.parse(said) as unknown } };
    return send(order, JSON.stringify(event)).catch(() => false);
  };
}

function overHttp(url: string): Send {
  const headers = { "Content-Type": "application/cloudevents+json" };
  return async (_order, body) => {
    const answer = await fetch(`${url}/messages`, { method: "POST", headers, body });
    await answer.body?.cancel();
    return [202, 404, 409, 422].includes(answer.status);
  };
}

function overNats(url: string): Send {
  const [servers = ""] = url.split("?");
  const nats = connect({ servers: servers.split(","), maxReconnectAttempts: -1, waitOnFirstConnect: true });
  return async (order, event) => (await jetstream(await nats).publish(`afoot.status.order.${order}`, event)).seq > 0;
}
