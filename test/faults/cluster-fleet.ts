import type { AfootProcessOptions } from "../support/afoot-process.ts";
import { NATS_NODES, type NatsServer, startNatsCluster } from "../support/nats.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { anyOf } from "../support/random.ts";
import { type Fleet, Member } from "./fleet.ts";
import { createHarming, type Part } from "./harms.ts";
import { Network } from "./network.ts";

const EACH = 3;
const CLIENTS = "clients";
const POSTGRES = "PostgreSQL";
const NATS = "NATS node";

/** The services that all members of a fleet connect to, each over its own route. */
interface Services {
  readonly network: Network;
  readonly postgres: PostgresServer;
  readonly schema: string;
  /** Undefined without a broker. */
  readonly nodes: readonly NatsServer[];
}

/** Starts three servers and three workers on PostgreSQL, with three NATS nodes between them if `nats` is true. */
export async function clusterFleet(options: Omit<AfootProcessOptions, "folder">, nats: boolean): Promise<Fleet> {
  const network = new Network();
  const postgres = await startPostgres({ fsync: true });
  const nodes = nats
    ? await startNatsCluster((from, to, port) => network.link(`${NATS} ${from}`, `${NATS} ${to}`, port))
    : [];
  const services: Services = { network, postgres, schema: postgres.schema(), nodes };
  const servers = await startMembers("server", options, services);
  const workers = await startMembers("worker", options, services);
  const members = [...servers, ...workers];
  const doors = await Promise.all(servers.map((server) => doorOf(server, network)));
  const parts = [...members.map(memberPart), postgresPart(postgres), ...nodes.map(nodePart)];
  return {
    origin: () => anyOf(doors)(),
    disturb: createHarming(parts, network),
    stop: async () => (await Promise.all(members.map((member) => member.stop()))).flat(),
    async [Symbol.asyncDispose]() {
      await Promise.all(members.map((member) => member.kill()));
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
      await network.close();
      await postgres.remove();
    },
  };
}

async function startMembers(
  kind: "server" | "worker",
  options: Omit<AfootProcessOptions, "folder">,
  services: Services,
): Promise<readonly Member[]> {
  const hasBroker = services.nodes.length > 0;
  // Without a broker, every node runs its own worker; with one, workers connect to the broker only.
  const role = kind === "server" && !hasBroker ? "all" : kind;
  return Promise.all(
    Array.from({ length: EACH }, async (_, index) => {
      const name = `${kind} ${index + 1}`;
      const store = kind === "worker" && hasBroker ? [] : await storeFlags(name, services);
      const flags = ["--role", role, ...store, ...(await brokerFlags(name, services))];
      const member = new Member(name, { ...options, flags });
      await member.start();
      return member;
    }),
  );
}

async function storeFlags(name: string, { network, postgres, schema }: Services): Promise<string[]> {
  const url = new URL(`${postgres.url}?schema=${schema}`);
  url.port = String(await network.link(name, POSTGRES, postgres.port));
  return ["--store", url.href];
}

async function brokerFlags(name: string, { network, nodes }: Services): Promise<string[]> {
  if (nodes.length === 0) return [];
  const ports = await Promise.all(nodes.map(({ port }, index) => network.link(name, nodeName(index), port)));
  return ["--broker", ports.map((port) => `nats://127.0.0.1:${port}`).join(",")];
}

/** Returns the origin at which clients reach a server; undefined while it is down. */
async function doorOf(server: Member, network: Network): Promise<() => string | undefined> {
  const port = await network.link(CLIENTS, server.name, () => Number(new URL(server.origin ?? "").port));
  return () => (server.origin === undefined ? undefined : `http://127.0.0.1:${port}`);
}

function memberPart(member: Member): Part {
  return {
    name: member.name,
    kind: member.name.replace(/ \d+$/, ""),
    kill: () => member.kill(),
    start: () => member.start(),
    freeze: () => member.freeze(),
  };
}

function postgresPart({ end, start, freeze }: PostgresServer): Part {
  return {
    name: POSTGRES,
    kind: POSTGRES,
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
  return { name: nodeName(index), kind: NATS, kill, start, freeze };
}

function nodeName(index: number): string {
  return `${NATS} ${NATS_NODES[index]}`;
}
