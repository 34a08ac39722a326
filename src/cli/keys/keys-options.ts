import { parseArgs } from "node:util";
import type { Principal } from "../../server/access/access.ts";
import { UsageError } from "../follow/options.ts";

export const KEYS_USAGE = `Usage: afoot keys add PRINCIPAL [--owner OWNER] [--operator] [--label TEXT] [--expires 90d|DATE]
       afoot keys list [--json]
       afoot keys remove ID...

All take --keys FILE, or AFOOT_KEYS. Give the same file to afoot start.

  PRINCIPAL    who the key speaks for
  --owner      to whom its resources belong, so that several principals share them; without it, to the principal
  --operator   may do everything with everybody's resources, and read metrics
  --label      what the key is for
  --expires    from when it is not valid any more: in so many days or hours (90d, 12h), or on a date (2026-12-31)
  --json       print the list as JSON
`;

export type KeysCommand = { readonly file: string } & (
  | {
      readonly action: "add";
      readonly principal: Principal;
      readonly label: string | undefined;
      readonly expiresAt: number | undefined;
    }
  | { readonly action: "list"; readonly json: boolean }
  | { readonly action: "remove"; readonly ids: readonly string[] }
);

/** Reads the command line; undefined where help is asked for. @throws UsageError */
export function keysOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  now: number,
): KeysCommand | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h", default: false },
      keys: { type: "string" },
      owner: { type: "string" },
      operator: { type: "boolean", default: false },
      label: { type: "string" },
      expires: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const [action = "", ...names] = positionals;
  const file = fileOf(values.keys ?? environment["AFOOT_KEYS"]);
  if (action === "add") {
    const { owner, operator, label, expires } = values;
    const principal = { id: principalOf(names), ...ownerOf(owner), ...(operator ? { operator } : {}) };
    return { action, file, principal, label, expiresAt: expiryOf(expires, now) };
  }
  if (action === "list" && names.length === 0) return { action, file, json: values.json };
  if (action === "remove" && names.length > 0) return { action, file, ids: names };
  throw new UsageError(`say what to do:\n${KEYS_USAGE}`);
}

function fileOf(file: string | undefined): string {
  if (file !== undefined && file !== "") return file;
  throw new UsageError("which file? Give --keys FILE, such as --keys data/keys.json, or set AFOOT_KEYS");
}

function principalOf([id = "", ...more]: readonly string[]): string {
  if (id !== "" && more.length === 0) return id;
  throw new UsageError("whose is the key? Give one principal: afoot keys add NAME");
}

function ownerOf(owner: string | undefined): { owner?: string } {
  if (owner === "") throw new UsageError("--owner: give a name, or leave it out");
  return owner === undefined ? {} : { owner };
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

function expiryOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ""] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  const at = count === undefined ? dateOf(text) : now + Number(count) * (UNITS[unit] ?? 0);
  if (at > now) return at;
  throw new UsageError(
    `--expires: ${JSON.stringify(text)} is not a time to come; write 90d, 12h, or a date such as 2026-12-31`,
  );
}

function dateOf(text: string): number {
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
}
