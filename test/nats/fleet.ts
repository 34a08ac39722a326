import { setTimeout as passes } from "node:timers/promises";
import { type Fleet, type Harm, Member } from "../faults/fleet.ts";
import type { AfootProcessOptions } from "../support/afoot-process.ts";
import { startNats } from "../support/nats.ts";
import { anyOf, random } from "../support/random.ts";

/** One server on SQLite, two workers that have only NATS, and NATS, which fails most often. */
export async function natsFleet(options: Omit<AfootProcessOptions, "folder">, folder: string): Promise<Fleet> {
  const nats = await startNats();
  const flagsOf = (role: string): string[] => ["--role", role, "--broker", nats.url];
  const server = new Member("the server", { ...options, folder, flags: flagsOf("server") });
  const workers = [1, 2].map((number) => new Member(`worker ${number}`, { ...options, flags: flagsOf("worker") }));
  const all = [server, ...workers];
  await Promise.all(all.map((member) => member.start()));

  const done = (description: string): Harm => ({ harm: description, description });
  const killed = async (member: Member): Promise<Harm> => {
    await member.kill();
    await member.start();
    return done(`${member.name} killed`);
  };
  const ways = [
    async () => {
      await nats.kill();
      await passes(random() * 1500);
      await nats.start();
      return done("NATS killed");
    },
    async () => {
      const thaw = nats.freeze();
      await passes(random() * 3000);
      thaw();
      return done("NATS paused");
    },
    () => killed(server),
    () => killed(anyOf(workers)),
  ];
  let disturbed = 0;
  return {
    origin: () => server.origin,
    disturb: () => (ways[disturbed++ % ways.length] ?? anyOf(ways))(),
    stop: async () => (await Promise.all(all.map((member) => member.stop()))).flat(),
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((member) => member.kill()));
      await nats[Symbol.asyncDispose]();
    },
  };
}
