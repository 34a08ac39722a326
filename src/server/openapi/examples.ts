import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { withoutFields } from "../../core/json/redact.ts";
import { remainingJson } from "../timing/duration-text.ts";
import type { Example } from "./open-api.ts";
import { type Sampled, sampleBoth } from "./sample.ts";
import { capital, exampleWord } from "./words.ts";

export type Examples = Readonly<Record<string, Example>>;

/** The examples of one resource type; without those for which no valid value could be made. */
export interface TypeExamples {
  /** A body that creates a resource. */
  readonly request: Examples;
  /** What a request that was accepted is answered. */
  readonly accepted: Examples;
  /** In progress, then settled. */
  readonly states: Examples;
  /** What could not be made, and what to do. */
  readonly faults: readonly string[];
}

export const EXAMPLE_ID = "67890";
const EXAMPLE_INSTANT = "2026-01-31T12:00:00.000Z";
const QUARTER_SECONDS = 900;

export function examplesOf(type: ResourceType): TypeExamples {
  const { name, policy } = type;
  const configuration = sampleBoth(type.configuration.schema, type.configuration.input);
  const details = sampleBoth(type.details.schema, type.details.input);
  const faults = [...faultsOf(`${name}: configuration`, configuration), ...faultsOf(`${name}: details`, details)];
  if (configuration.fault !== undefined) return { request: {}, accepted: {}, states: {}, faults };

  const status = policy.kinds["create"]?.status ?? "";
  const [ready] = policy.ready;
  const shown = (label: string, fields: object): object => ({
    id: EXAMPLE_ID,
    status: label,
    configuration: withoutFields(configuration.kept, type.policy.redact),
    ...fields,
    ...times(type),
  });
  const [pendingName, settledName] = stateNames(status, ready);
  const settled = details.fault === undefined && isJsonObject(details.kept) ? shown(ready, details.kept) : undefined;
  return {
    request: { [`new${exampleWord(type)}`]: { value: { configuration: configuration.sent } } },
    accepted: { [pendingName]: { summary: `Accepted: ${status}`, value: shown(status, {}) } },
    states: {
      [pendingName]: { summary: `In progress: ${status}`, value: shown(status, halfway(type)) },
      ...(settled === undefined ? {} : { [settledName]: { summary: `Settled: ${ready}`, value: settled } }),
    },
    faults,
  };
}

function faultsOf(place: string, { fault }: Sampled): readonly string[] {
  if (fault === undefined) return [];
  return [
    `${place}: no example of it in the document: ${fault}; declare one in the schema, as zod's .meta({ examples: [...] }) does`,
  ];
}

function halfway({ representation }: ResourceType): object {
  const remaining: unknown = JSON.parse(remainingJson(QUARTER_SECONDS, representation.time));
  return { progress: representation.progress === "percent" ? "50%" : 0.5, estimatedTimeRemaining: remaining };
}

function times({ representation }: ResourceType): object {
  return {
    ...(representation.timestamps ? { createdAt: EXAMPLE_INSTANT, updatedAt: EXAMPLE_INSTANT } : {}),
    ...(representation.liveness ? { attempt: 1, observedAt: EXAMPLE_INSTANT } : {}),
  };
}

/** The labels in lower case. */
function stateNames(inProgress: string, settled: string): readonly [string, string] {
  const [first, second] = [exampleName(inProgress), exampleName(settled)];
  return first === second ? [`inProgress${capital(first)}`, second] : [first, second];
}

function exampleName(label: string): string {
  const name = label
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, "-")
    .replaceAll(/^-|-$/g, "");
  return name === "" ? "state" : name;
}
