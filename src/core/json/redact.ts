import type { FieldPath } from "./edit-field.ts";
import { isJsonObject, type JsonText } from "./json.ts";
import type { Issue } from "./schema.ts";

/** Returns a configuration as clients see it. */
export function redacted(configuration: JsonText, paths: readonly FieldPath[]): JsonText {
  // Cheap compared with the read from the store. A cache would keep secrets in memory.
  return JSON.stringify(withoutFields(JSON.parse(configuration), paths));
}

/** Returns a copy of the value without the fields. */
export function withoutFields(value: unknown, paths: readonly FieldPath[]): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutFields(item, paths));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, each]): [string, unknown][] => {
    const below = pathsBelow(paths, name);
    if (below === undefined) return [];
    return [[name, below.length === 0 ? each : withoutFields(each, below)]];
  });
  return Object.fromEntries(entries);
}

/** Returns true if a value has one of the fields, whatever the field's value. */
export function containsField(value: unknown, paths: readonly FieldPath[]): boolean {
  if (Array.isArray(value)) return value.some((item) => containsField(item, paths));
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([name, each]) => {
    const below = pathsBelow(paths, name);
    return below === undefined || (below.length > 0 && containsField(each, below));
  });
}

/** Returns the rest of the paths that begin with a name; undefined if the name itself is a redacted field. */
function pathsBelow(paths: readonly FieldPath[], name: string): readonly FieldPath[] | undefined {
  const below: FieldPath[] = [];
  for (const [first, ...more] of paths) {
    if (first !== name) continue;
    if (more.length === 0) return undefined;
    below.push(more);
  }
  return below;
}

/** Returns the strings and numbers that the fields hold. */
function secretsOf(value: unknown, paths: readonly FieldPath[] | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => secretsOf(item, paths));
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([name, each]) =>
      secretsOf(each, paths === undefined ? undefined : pathsBelow(paths, name)),
    );
  }
  return paths === undefined && (typeof value === "string" || typeof value === "number") ? [String(value)] : [];
}

/** Minimum length of a quoted part of a secret. Libraries quote their input in messages, and cut it short. */
const MIN_QUOTED_CHARACTERS = 4;

/** Removes the detail of each validation error that quotes the value of a redacted field. */
export function withoutSecrets(
  issues: readonly Issue[],
  configuration: unknown,
  paths: readonly FieldPath[],
): readonly Issue[] {
  const secrets = paths.length === 0 ? [] : secretsOf(configuration, paths);
  return issues.map((issue) =>
    secrets.some((secret) => quotes(issue.detail, secret))
      ? { ...issue, detail: "is invalid; the reason is left out because it quotes a redacted field" }
      : issue,
  );
}

function quotes(text: string, secret: string): boolean {
  const written = JSON.stringify(secret).slice(1, -1);
  for (const form of new Set([secret, written])) {
    for (let at = 0; at === 0 || at + MIN_QUOTED_CHARACTERS <= form.length; at++) {
      const part = form.slice(at, at + MIN_QUOTED_CHARACTERS);
      if (part !== "" && text.includes(part)) return true;
    }
  }
  return false;
}
