import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** Posts what is said to an order. False where it has to be posted again; that the order is over, is an answer as well. */
export type Post = (key: string, order: string, said: string) => Promise<boolean>;

/** Status messages go over NATS where the app has it, and else over HTTP to the app, whose own broker takes them. */
export function postFrom(name: string, to: string): Post {
  const send = to.startsWith("http") ? overHttp(to) : overNats(to);
  const context = { specversion: "1.0", type: "dev.afoot.received", source: `/${name}` };
  return async (key, order, said) => {
    const data = { name, value: JSON.parse(said) as unknown };
    const event = JSON.stringify({ ...context, id: key, subject: `order/${order}`, data });
    return send(order, event).catch(() => false);
  };
}

function overHttp(url: string) {
  const headers = { "Content-Type": "application/cloudevents+json" };
  return async (_order: string, body: string): Promise<boolean> => {
    const answer = await fetch(`${url}/messages`, { method: "POST", headers, body });
    const said = await answer.text();
    const isHeard = [202, 404, 409, 422].includes(answer.status);
    if (!isHeard) process.stderr.write(`orders: ${url}/messages answered ${answer.status}: ${said}\n`);
    return isHeard;
  };
}

function overNats(url: string) {
  const [servers = ""] = url.split("?");
  const [, user, pass] = /\/\/([^:@/]+):([^@/]+)@/.exec(servers) ?? [];
  const nats = connect({
    servers: servers.replaceAll(/(\/\/|,)[^@/,]*@/g, "$1").split(","),
    // It does not read them from the URL.
    ...(user === undefined || pass === undefined ? {} : { user, pass: decodeURIComponent(pass) }),
    maxReconnectAttempts: -1,
    waitOnFirstConnect: true,
  });
  return async (order: string, event: string) =>
    jetstream(await nats)
      .publish(`afoot.status.order.${order}`, event)
      .then(({ seq }) => seq > 0);
}
