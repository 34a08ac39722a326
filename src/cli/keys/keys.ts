import { AfootError } from "../../core/errors.ts";
import { createKey, keyHash } from "../../server/credentials/api-key.ts";
import type { KeyEntry } from "../../server/credentials/key-entry.ts";
import { printable, printableJson } from "../printable.ts";
import { changeKeyFile, readKeyFile } from "./change-key-file.ts";
import { KEYS_USAGE, type KeysCommand, keysOptions } from "./keys-options.ts";

const ID_LENGTH = 12;

/** Adds, lists and removes API keys of a key file. */
export async function keys(argv: readonly string[]): Promise<number> {
  const command = keysOptions(argv, process.env, Date.now());
  if (command === undefined) process.stdout.write(KEYS_USAGE);
  else if (command.action === "add") await add(command);
  else if (command.action === "list") await list(command);
  else await remove(command);
  return 0;
}

type CommandOf<Action extends KeysCommand["action"]> = Extract<KeysCommand, { action: Action }>;

/** Creates a key. Only the key itself goes to standard output, so that a script can capture it. It is shown only once. */
async function add({ file, principal, label, expiresAt }: CommandOf<"add">): Promise<void> {
  const key = createKey();
  const hash = keyHash(key);
  const entry: KeyEntry = {
    id: hash.slice(0, ID_LENGTH),
    hash,
    principal,
    ...(label === undefined ? {} : { label }),
    createdAt: new Date().toISOString(),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
  await changeKeyFile(file, (entries) => [...entries, entry]);
  process.stderr.write(`${entryLine(entry)}\nThe new key, shown only this once:\n`);
  process.stdout.write(`${key}\n`);
}

async function list({ file, json }: CommandOf<"list">): Promise<void> {
  const entries = await readKeyFile(file);
  const visibleEntries = entries.map((entry) => ({ ...entry, hash: undefined }));
  if (json) process.stdout.write(`${printableJson(JSON.stringify(visibleEntries, undefined, 2))}\n`);
  else if (entries.length === 0) process.stderr.write(`${file}: no keys yet; create one: afoot keys add NAME\n`);
  else process.stdout.write(entries.map((entry) => `${entryLine(entry)}\n`).join(""));
}

async function remove({ file, ids }: CommandOf<"remove">): Promise<void> {
  await changeKeyFile(file, (entries) => {
    const known = new Set(entries.map(({ id }) => id));
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length > 0) {
      throw new AfootError("key-file", `${file} has no key ${unknown.join(", ")}; list the ids with: afoot keys list`);
    }
    return entries.filter(({ id }) => !ids.includes(id));
  });
  process.stderr.write(`Removed ${ids.join(", ")}. Servers reject removed keys within a second.\n`);
}

function entryLine({ id, principal, label, createdAt, expiresAt }: KeyEntry): string {
  const day = (instant: string): string => instant.slice(0, "2026-01-31".length);
  const line = [
    id,
    principal.id,
    ...(principal.owner === undefined ? [] : [`owner ${principal.owner}`]),
    ...(principal.operator === true ? ["operator"] : []),
    `since ${day(createdAt)}`,
    ...(expiresAt === undefined ? [] : [`until ${expiresAt}`]),
    ...(label === undefined ? [] : [JSON.stringify(label)]),
  ].join("  ");
  return printable(line);
}
