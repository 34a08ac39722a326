import type { JsonSchema } from "../../../core/json/schema.ts";
import type { TypePolicy } from "../../../core/policy.ts";
import type { Scope } from "../scope.ts";
import { either } from "../words.ts";

/** The labels that a type declares, and what each says. */
export function statusSchema({ type, words }: Scope): JsonSchema {
  const { policy } = type;
  const meanings = meaningsOf(policy);
  const settled = settledLabels(policy);
  return {
    type: "string",
    title: `Status of ${words.one}`,
    description:
      `The label to show. Settled: ${either(settled)}. The others are in progress, and while it is in progress work may show ` +
      `further labels of its own: to tell whether a ${words.name} is settled, see whether \`Retry-After\` is absent.`,
    anyOf: [
      { title: "Declared labels", enum: [...meanings.keys()], "x-enumDescriptions": Object.fromEntries(meanings) },
      { title: "Another label, shown by work while in progress", type: "string" },
    ],
    "x-afoot-settled": settled,
  };
}

/** The labels of a resource of which nothing is in progress. */
export function settledLabels({ ready, failed, cancelled }: TypePolicy): readonly string[] {
  return [...new Set([...ready, failed, cancelled])];
}

function meaningsOf({ ready, failed, cancelled, kinds }: TypePolicy): Map<string, string> {
  const meanings = new Map<string, string>();
  const say = (label: string, meaning: string): void => {
    const said = meanings.get(label);
    meanings.set(label, said === undefined ? meaning : `${said} ${meaning}`);
  };
  for (const [kind, { status }] of Object.entries(kinds)) say(status, `In progress: ${kind}.`);
  for (const label of ready) say(label, "Settled.");
  say(failed, "Settled: it could not be created; `error` says why.");
  say(cancelled, "Settled: its creation was cancelled.");
  return meanings;
}
