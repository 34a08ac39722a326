import { setTimeout as passes } from "node:timers/promises";
import type { AfootProcessOptions } from "../support/afoot-process.ts";
import { NATS_NODES, type NatsServer, startNatsCluster } from "../support/nats.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { anyOf, type Fleet, Member } from "./fleet.ts";
import { Network } from "./network.ts";

const EACH = 3;
/** Longer than a lease: others take over what a process holds, and it comes back to find that out. */
const PAST_LEASE_MS = 20_000;
const CLIENTS = "clients";
const POSTGRES = "PostgreSQL";

/** Three servers and three workers on PostgreSQL, and three NATS nodes between them where `nats` says so. */
export async function clusterFleet(options: Omit<AfootProcessOptions, "folder">, nats: boolean): Promise<Fleet> {
  const network = new Network();
  const postgres = await startPostgres({ fsync: true });
  const nodes = nats ? await startNatsCluster((from, to, port) => network.link(from, to, port)) : [];
  const schema = postgres.schema();
  const storeFlags = async (name: string): Promise<string[]> => {
    const url = new URL(`${postgres.url}?schema=${schema}`);
    url.port = String(await network.link(name, POSTGRES, postgres.port));
    return ["--store", url.href];
  };
  const brokerFlags = async (name: string): Promise<string[]> => {
    const ways = nodes.map(({ port }, index) => network.link(name, nodeName(index), port));
    return nats ? ["--broker", (await Promise.all(ways)).map((port) => `nats://127.0.0.1:${port}`).join(",")] : [];
  };
  const members = async (role: string): Promise<Member[]> =>
    Promise.all(
      Array.from({ length: EACH }, async (_, index) => {
        const name = `${role} ${index + 1}`;
        const store = role === "worker" && nats ? [] : await storeFlags(name);
        return new Member(name, { ...options, flags: ["--role", role, ...store, ...(await brokerFlags(name))] });
      }),
    );
  const servers = await members(nats ? "server" : "all");
  const workers = await members("worker");
  const all = [...servers, ...workers];
  await Promise.all(all.map((member) => member.start()));
  const doors = await Promise.all(
    servers.map(async (server) => {
      const port = await network.link(CLIENTS, server.name, () => Number(new URL(server.origin ?? "").port));
      return { server, origin: `http://127.0.0.1:${port}` };
    }),
  );

  const kinds: readonly (readonly [kind: string, parts: readonly Part[]])[] = [
    ["server", servers],
    ["worker", workers],
    [POSTGRES, [partOf(postgres)]],
    ...(nats ? [["NATS node", nodes.map(nodePart)] as const] : []),
  ];
  const deck = new Deck(kinds.flatMap(([kind, parts]) => WAYS.map((way) => ({ kind, parts, way }))));
  return {
    origin() {
      const { server, origin } = anyOf(doors);
      return server.origin === undefined ? undefined : origin;
    },
    async disturb() {
      const { kind, parts, way } = deck.draw();
      const part = anyOf(parts);
      return { harm: `${kind} ${way}`, said: `${part.name} ${await HARMING[way](part, network)}` };
    },
    stop: async () => (await Promise.all(all.map((member) => member.stop()))).flat(),
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((member) => member.kill()));
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
      await network.close();
      await postgres.remove();
    },
  };
}

/** What can be harmed. */
interface Part {
  readonly name: string;
  /** Ends it as a crash does. May say how. */
  readonly kill: () => Promise<string | void>;
  /** Brings it back with what it had stored. */
  readonly start: () => Promise<void>;
  /** It holds what it holds and says nothing. Gives how to wake it up. */
  readonly freeze: () => (() => void) | Promise<() => void>;
}

const WAYS = ["killed", "paused", "cut off"] as const;

const HARMING: Readonly<Record<(typeof WAYS)[number], (part: Part, network: Network) => Promise<string>>> = {
  async killed(part) {
    const how = (await part.kill()) ?? "";
    await passes(Math.random() * 2000);
    await part.start();
    return `killed${how}`;
  },
  async paused(part) {
    const ms = aWhile();
    const wake = await part.freeze();
    await passes(ms);
    wake();
    return `paused for ${ms} ms`;
  },
  async "cut off"(part, network) {
    const ms = aWhile();
    return `cut off for ${ms} ms, ${await network.cutOff(part.name, ms)}`;
  },
};

function aWhile(): number {
  return Math.random() < 0.2 ? PAST_LEASE_MS : Math.round(Math.random() * 4000);
}

function partOf({ end, start, freeze }: PostgresServer): Part {
  return {
    name: POSTGRES,
    async kill() {
      const how = anyOf(["fast", "crash"] as const);
      await end(how);
      return how === "fast" ? " as an administrator does" : "";
    },
    start,
    freeze,
  };
}

function nodePart({ kill, start, freeze }: NatsServer, index: number): Part {
  return { name: nodeName(index), kill, start, freeze };
}

function nodeName(index: number): string {
  return NATS_NODES[index] ?? "";
}

/** Deals everything once, in an order of chance, before anything comes again: so all of it is met in any run that is long enough. */
class Deck<Card> {
  readonly #cards: readonly Card[];
  #left: Card[] = [];

  constructor(cards: readonly Card[]) {
    this.#cards = cards;
  }

  draw(): Card {
    if (this.#left.length === 0) this.#left = [...this.#cards];
    const card = anyOf(this.#left);
    this.#left.splice(this.#left.indexOf(card), 1);
    return card;
  }
}
