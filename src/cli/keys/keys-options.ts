import { parseArgs } from "node:util";
import type { Principal } from "../../core/principal.ts";
import { UsageError } from "../follow/options.ts";

export const KEYS_USAGE = `Usage: afoot keys add PRINCIPAL [--owner OWNER] [--operator] [--label TEXT] [--expires 90d|DATE]
       afoot keys list [--json]
       afoot keys remove ID...

All accept --keys FILE, or the variable AFOOT_KEYS. Pass the same file to afoot start.

  PRINCIPAL    id of the principal that the key authenticates
  --owner      owner of its resources, to share them between principals; default: the principal itself
  --operator   full access to the resources of all owners, and to metrics
  --label      note about the use of the key
  --expires    end of validity: after days or hours (90d, 12h), or at a date (2026-12-31); default: never
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

/** Parses the command line. Returns undefined if help is requested. @throws UsageError */
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
  const file = requireFile(values.keys ?? environment["AFOOT_KEYS"]);
  if (action === "add") {
    const { owner, operator, label, expires } = values;
    const principal = { id: requirePrincipal(names), ...parseOwner(owner), ...(operator ? { operator } : {}) };
    return { action, file, principal, label, expiresAt: parseExpiry(expires, now) };
  }
  if (action === "list" && names.length === 0) return { action, file, json: values.json };
  if (action === "remove" && names.length > 0) return { action, file, ids: names };
  throw new UsageError(`pass add, list or remove:\n${KEYS_USAGE}`);
}

function requireFile(file: string | undefined): string {
  if (file !== undefined && file !== "") return file;
  throw new UsageError("no key file given; pass --keys FILE, such as --keys data/keys.json, or set AFOOT_KEYS");
}

function requirePrincipal([id = "", ...others]: readonly string[]): string {
  if (id !== "" && others.length === 0) return id;
  throw new UsageError("pass one principal: afoot keys add NAME");
}

function parseOwner(owner: string | undefined): { owner?: string } {
  if (owner === "") throw new UsageError("--owner: must not be empty; pass a name, or omit the flag");
  return owner === undefined ? {} : { owner };
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

function parseExpiry(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ""] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  const at = count === undefined ? parseDate(text) : now + Number(count) * (UNIT_MS[unit] ?? 0);
  if (at > now) return at;
  throw new UsageError(
    `--expires: ${JSON.stringify(text)} is not a time in the future; use 90d, 12h, or a date such as 2026-12-31`,
  );
}

function parseDate(text: string): number {
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
}
