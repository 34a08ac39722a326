import { setTimeout as passes } from "node:timers/promises";
import type { AfootProcessOptions } from "../support/afoot-process.ts";
import { type NatsServer, startNatsCluster } from "../support/nats.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { anyOf, type Fleet, Member } from "./fleet.ts";

const EACH = 3;
/** Longer than a lease: others take over what it holds, and it comes back to find that out. */
const PAST_LEASE_MS = 20_000;

/** Three servers and three workers on PostgreSQL, and three NATS nodes between them where `nats` says so. */
export async function clusterFleet(options: Omit<AfootProcessOptions, "folder">, nats: boolean): Promise<Fleet> {
  const postgres = await startPostgres({ fsync: true });
  const nodes = nats ? await startNatsCluster() : [];
  const store = `${postgres.url}?schema=${postgres.schema()}`;
  const broker = nodes.map(({ url }) => url).join(",");
  const flagsOf = (role: string): string[] => {
    const storeFlags = role === "worker" && nats ? [] : ["--store", store];
    return ["--role", role, ...storeFlags, ...(nats ? ["--broker", broker] : [])];
  };
  const members = (role: string): Member[] =>
    Array.from(
      { length: EACH },
      (_, index) => new Member(`${role} ${index + 1}`, { ...options, flags: flagsOf(role) }),
    );
  const servers = members(nats ? "server" : "all");
  const workers = members("worker");
  const all = [...servers, ...workers];
  await Promise.all(all.map((member) => member.start()));

  return {
    origin: () => anyOf(servers).origin,
    async disturb() {
      const ways = [
        () => killed(anyOf(all)),
        () => killed(anyOf(all)),
        () => frozen(anyOf(all)),
        () => restarted(postgres),
      ];
      if (nats) {
        ways.push(
          () => cutOff(anyOf(nodes)),
          () => lost(anyOf(nodes)),
        );
      }
      return anyOf(ways)();
    },
    stop: async () => (await Promise.all(all.map((member) => member.stop()))).flat(),
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((member) => member.kill()));
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
      await postgres.remove();
    },
  };
}

async function killed(member: Member): Promise<string> {
  await member.kill();
  await passes(Math.random() * 2000);
  await member.start();
  return `${member.name} killed`;
}

async function frozen(member: Member): Promise<string> {
  const ms = Math.random() < 0.2 ? PAST_LEASE_MS : Math.random() * 3000;
  await member.freeze(ms);
  return `${member.name} paused for ${Math.round(ms)} ms`;
}

async function restarted(postgres: PostgresServer): Promise<string> {
  const how = anyOf(["fast", "crash"] as const);
  await postgres.end(how);
  await passes(Math.random() * 2000);
  await postgres.start();
  return `PostgreSQL ended (${how}) and started`;
}

async function lost(node: NatsServer): Promise<string> {
  await node.kill();
  await passes(Math.random() * 3000);
  await node.start();
  return `the NATS node at ${node.port} killed`;
}

async function cutOff(node: NatsServer): Promise<string> {
  const wake = node.freeze();
  await passes(Math.random() * 5000);
  wake();
  return `the NATS node at ${node.port} cut off`;
}
