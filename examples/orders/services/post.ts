import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** Posts a reply to an order. Resolves to false if it must be posted again. A settled order needs no reply. */
export type Post = (key: string, order: string, reply: string) => Promise<boolean>;

/** Creates the function that posts status messages: over NATS if the app uses it, and over HTTP otherwise. */
export function postFrom(name: string, to: string): Post {
  const send = to.startsWith("http") ? overHttp(to) : overNats(to);
  const context = { specversion: "1.0", type: "dev.afoot.received", source: `/${name}` };
  return async (key, order, reply) => {
    const data = { name, value: JSON.parse(reply) as unknown };
    const event = JSON.stringify({ ...context, id: key, subject: `order/${order}`, data });
    return send(order, event).catch(() => false);
  };
}

function overHttp(url: string) {
  const headers = { "Content-Type": "application/cloudevents+json" };
  return async (_order: string, body: string): Promise<boolean> => {
    const response = await fetch(`${url}/messages`, { method: "POST", headers, body });
    const reply = await response.text();
    const isHandled = [202, 404, 409, 422].includes(response.status);
    if (!isHandled) process.stderr.write(`orders: ${url}/messages returned ${response.status}: ${reply}\n`);
    return isHandled;
  };
}

function overNats(url: string) {
  const [servers = ""] = url.split("?");
  const [, user, pass] = /\/\/([^:@/]+):([^@/]+)@/.exec(servers) ?? [];
  const nats = connect({
    servers: servers.replaceAll(/(\/\/|,)[^@/,]*@/g, "$1").split(","),
    // The client does not read credentials from the URL.
    ...(user === undefined || pass === undefined ? {} : { user, pass: decodeURIComponent(pass) }),
    maxReconnectAttempts: -1,
    waitOnFirstConnect: true,
  });
  return async (order: string, event: string) =>
    jetstream(await nats)
      .publish(`afoot.status.order.${order}`, event)
      .then(({ seq }) => seq > 0);
}
