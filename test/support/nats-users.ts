import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const ROLES = ["server", "worker", "external process"];

/** The table of docs/nats.md as users of nats-server. Name and password are the role. */
export async function usersOfDocs(): Promise<string> {
  const docs = await readFile(new URL("../../docs/nats.md", import.meta.url), "utf8");
  const users = docs.split("\n").flatMap((line) => {
    const [, role = "", publish = "", subscribe = ""] = line.split("|").map((cell) => cell.trim());
    if (!ROLES.includes(role)) return [];
    const subjects = (cell: string): string =>
      JSON.stringify([...cell.matchAll(/`([^`]+)`/g)].map(([, subject = ""]) => subject.replace("<type>", "machine")));
    const permissions = `{ publish: ${subjects(publish)}, subscribe: ${subjects(subscribe)} }`;
    return [`{ user: "${role}", password: "${role}", permissions: ${permissions} }`];
  });
  assert.equal(users.length, ROLES.length);
  return `authorization { users: [\n${users.join("\n")}\n] }`;
}
