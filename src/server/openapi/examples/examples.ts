import { type BuiltInField, builtInFields } from "../../../core/definition/representation-fields.ts";
import type { ResourceType } from "../../../core/definition/resource-type.ts";
import { isJsonObject } from "../../../core/json/json.ts";
import { withoutFields } from "../../../core/json/redact.ts";
import { createLinks } from "../../representation/links.ts";
import { remainingJson } from "../../timing/duration-text.ts";
import type { Example } from "../open-api.ts";
import { capital, exampleWord } from "../words.ts";
import { type SampleResult, sampleBoth } from "./sample.ts";

export type Examples = Readonly<Record<string, Example>>;

/** Examples of one resource type. Examples without a valid generated value are omitted. */
export interface TypeExamples {
  /** Bodies that create a resource. */
  readonly request: Examples;
  /** Responses to an accepted request. */
  readonly accepted: Examples;
  /** Representations: in progress, then settled. */
  readonly states: Examples;
  /** Messages about examples that could not be generated, with what to do. */
  readonly missing: readonly string[];
}

export const EXAMPLE_ID = "67890";
const EXAMPLE_INSTANT = "2026-01-31T12:00:00.000Z";
const QUARTER_SECONDS = 900;

export function examplesOf(type: ResourceType): TypeExamples {
  const { name, policy } = type;
  const configuration = sampleBoth(type.configuration.schema, type.configuration.input);
  const details = sampleBoth(type.details.schema, type.details.input);
  const missing = [
    ...missingExamples(`${name}: configuration`, configuration),
    ...missingExamples(`${name}: details`, details),
  ];
  if (configuration.error !== undefined) return { request: {}, accepted: {}, states: {}, missing };

  const status = policy.kinds["create"]?.status ?? "";
  const [ready] = policy.ready;
  const shown = (label: string, fields: object): object => ({
    id: EXAMPLE_ID,
    status: label,
    configuration: withoutFields(configuration.kept, type.policy.redact),
    ...fields,
    ...optionalFields(type),
  });
  const [pendingName, settledName] = stateNames(status, ready);
  const settled = details.error === undefined && isJsonObject(details.kept) ? shown(ready, details.kept) : undefined;
  return {
    request: { [`new${exampleWord(type)}`]: { value: { configuration: configuration.sent } } },
    accepted: { [pendingName]: { summary: `Accepted: ${status}`, value: shown(status, {}) } },
    states: {
      [pendingName]: { summary: `In progress: ${status}`, value: shown(status, halfway(type)) },
      ...(settled === undefined ? {} : { [settledName]: { summary: `Settled: ${ready}`, value: settled } }),
    },
    missing,
  };
}

function missingExamples(path: string, { error }: SampleResult): readonly string[] {
  if (error === undefined) return [];
  return [
    `${path}: no example of it in the document: ${error}; declare one in the schema, as zod's .meta({ examples: [...] }) does`,
  ];
}

function halfway({ representation }: ResourceType): object {
  const remaining: unknown = JSON.parse(remainingJson(QUARTER_SECONDS, representation.time));
  return { progress: representation.progress === "percent" ? "50%" : 0.5, estimatedTimeRemaining: remaining };
}

const EXAMPLE_VALUES: Readonly<Partial<Record<BuiltInField, unknown>>> = {
  createdAt: EXAMPLE_INSTANT,
  updatedAt: EXAMPLE_INSTANT,
  attempt: 1,
  observedAt: EXAMPLE_INSTANT,
  metadata: { order: "4711" },
};

/** Returns examples of the fields that the options of a representation add. */
function optionalFields(type: ResourceType): object {
  const names = builtInFields(type.representation).filter((name) => name in EXAMPLE_VALUES);
  const [parent] = type.links?.parents.keys() ?? [];
  const link = parent === undefined ? null : { type: parent, id: EXAMPLE_ID, name: "first", depth: 1, madeBy: "" };
  const links: unknown = JSON.parse(
    `{${createLinks(type, { basePath: "/api" })({ id: EXAMPLE_ID, parent: link }).slice(1)}}`,
  );
  return Object.assign(Object.fromEntries(names.map((name) => [name, EXAMPLE_VALUES[name]])), links);
}

/** Returns the names of the two examples: the labels in lower case. */
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
