import { AfootError } from "../../core/errors.ts";
import { createKey, keyHash } from "../../server/credentials/api-key.ts";
import type { KeyEntry } from "../../server/credentials/key-entry.ts";
import { changeKeyFile, readKeyFile } from "./change-key-file.ts";
import { KEYS_USAGE, type KeysCommand, keysOptions } from "./keys-options.ts";

const ID_CHARACTERS = 12;

/** Manages the file of API keys. */
export async function keys(argv: readonly string[]): Promise<number> {
  const command = keysOptions(argv, process.env, Date.now());
  if (command === undefined) process.stdout.write(KEYS_USAGE);
  else if (command.action === "add") await add(command);
  else if (command.action === "list") await list(command);
  else await remove(command);
  return 0;
}

type Of<Action extends KeysCommand["action"]> = Extract<KeysCommand, { action: Action }>;

/** The key goes to standard output alone, so that a script can take it from there. It is shown this once. */
async function add({ file, principal, label, expiresAt }: Of<"add">): Promise<void> {
  const key = createKey();
  const hash = keyHash(key);
  const entry: KeyEntry = {
    id: hash.slice(0, ID_CHARACTERS),
    hash,
    principal,
    ...(label === undefined ? {} : { label }),
    createdAt: new Date().toISOString(),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
  await changeKeyFile(file, (entries) => [...entries, entry]);
  process.stderr.write(`${line(entry)}\nThis is the key. It is not shown again:\n`);
  process.stdout.write(`${key}\n`);
}

async function list({ file, json }: Of<"list">): Promise<void> {
  const entries = await readKeyFile(file);
  const shown = entries.map((entry) => ({ ...entry, hash: undefined }));
  if (json) process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
  else if (entries.length === 0) process.stderr.write(`${file} holds no key; make one: afoot keys add NAME\n`);
  else process.stdout.write(entries.map((entry) => `${line(entry)}\n`).join(""));
}

async function remove({ file, ids }: Of<"remove">): Promise<void> {
  await changeKeyFile(file, (entries) => {
    const known = new Set(entries.map(({ id }) => id));
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length > 0) {
      throw new AfootError("key-file", `${file} holds no key ${unknown.join(", ")}; afoot keys list shows their ids`);
    }
    return entries.filter(({ id }) => !ids.includes(id));
  });
  process.stderr.write(`Removed ${ids.join(", ")}; servers refuse what was sent with it within a second.\n`);
}

function line({ id, principal, label, createdAt, expiresAt }: KeyEntry): string {
  const day = (instant: string): string => instant.slice(0, "2026-01-31".length);
  return [
    id,
    principal.id,
    ...(principal.owner === undefined ? [] : [`owner ${principal.owner}`]),
    ...(principal.operator === true ? ["operator"] : []),
    `since ${day(createdAt)}`,
    ...(expiresAt === undefined ? [] : [`until ${expiresAt}`]),
    ...(label === undefined ? [] : [JSON.stringify(label)]),
  ].join("  ");
}
