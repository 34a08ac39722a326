import type { JsonSchema } from "../../../core/json/schema.ts";
import type { TypePolicy } from "../../../core/policy.ts";
import type { Scope } from "../scope.ts";
import { either } from "../words.ts";

/** Returns the schema of the status: the declared labels with their meanings, or any other text. */
export function statusSchema({ type, words }: Scope): JsonSchema {
  const { policy } = type;
  const meanings = meaningsOf(policy);
  const settled = settledLabels(policy);
  return {
    type: "string",
    title: `Status of ${words.one}`,
    description:
      `The label to show. Settled: ${either(settled)}. All others are in progress, including labels that work reports. To detect that ` +
      `a ${words.name} is settled, check that \`Retry-After\` is absent.`,
    anyOf: [
      { title: "Declared labels", enum: [...meanings.keys()], "x-enumDescriptions": Object.fromEntries(meanings) },
      { title: "Another label, shown by work while in progress", type: "string" },
    ],
    "x-afoot-settled": settled,
  };
}

/** Returns the labels of settled resources. */
export function settledLabels({ ready, failed, cancelled }: TypePolicy): readonly string[] {
  return [...new Set([...ready, failed, cancelled])];
}

function meaningsOf({ ready, failed, cancelled, cancelling, kinds }: TypePolicy): Map<string, string> {
  const meanings = new Map<string, string>();
  const addMeaning = (label: string, meaning: string): void => {
    const known = meanings.get(label);
    meanings.set(label, known === undefined ? meaning : `${known} ${meaning}`);
  };
  for (const [kind, { status }] of Object.entries(kinds)) addMeaning(status, `In progress: ${kind}.`);
  addMeaning(cancelling, "In progress: a cancelled operation that stops, or whose steps are undone.");
  for (const label of ready) addMeaning(label, "Settled.");
  addMeaning(failed, "Settled: creation failed; `error` contains the reason.");
  addMeaning(cancelled, "Settled: creation was cancelled.");
  return meanings;
}
