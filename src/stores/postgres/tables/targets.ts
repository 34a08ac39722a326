import type { EventChange } from "../../../core/change.ts";
import { arrayOf, type Column, unnested } from "../connection/statement.ts";

/** Steps or messages that events name, with the resource of each. */
export type Named = readonly (readonly [target: EventChange["target"], name: string])[];

const TEXT = (name: string): Column => ({ name, type: "text" });
const BY_OPERATION = [TEXT("operation"), TEXT("name")];
const BY_KEY = [TEXT("type"), TEXT("id"), TEXT("name")];

/**
 * Returns a statement that finds rows by `w.name` of the resource `r`. Its parameters are those of {@link
 * targetArrays}.
 */
export function byTargets(select: string, resources: string, join: string): string {
  return `
    select ${select} from ${unnested(BY_OPERATION)} w (operation, name)
      join ${resources} r on r.operation = w.operation join ${join}
    union all
    select ${select} from ${unnested(BY_KEY, BY_OPERATION.length + 1)} w (type, id, name)
      join ${resources} r on r.type = w.type and r.id = w.id join ${join}`;
}

export function targetArrays(column: string, named: Named): string[] {
  const texts = (values: readonly string[]): string => arrayOf(column, "text", values);
  const byOperation = named.flatMap(([target, name]) => ("operation" in target ? [{ ...target, name }] : []));
  const byKey = named.flatMap(([target, name]) => ("operation" in target ? [] : [{ ...target, name }]));
  return [
    texts(byOperation.map(({ operation }) => operation)),
    texts(byOperation.map(({ name }) => name)),
    texts(byKey.map(({ type }) => type)),
    texts(byKey.map(({ id }) => id)),
    texts(byKey.map(({ name }) => name)),
  ];
}
