import { type Course, COURSES, type Item, type MadeFamily } from "./clients.ts";
import type { EffectLine } from "./effects.ts";

/** What is left after all families have ended. */
export interface Left {
  readonly families: readonly Item[];
  readonly branches: readonly Item[];
  readonly leaves: readonly Item[];
}

export interface EndedFamily extends MadeFamily {
  readonly end: string;
}

/** Returns the broken promises: wrong ends, missing and orphaned children, children created twice, effects left behind. */
export function checkFamilies(
  ended: readonly EndedFamily[],
  left: Left,
  effects: readonly EffectLine[],
): readonly string[] {
  const whole = ended.filter(({ course }) => COURSES[course].end === "Whole");
  return [
    ...ended.flatMap(({ id, course, end }) =>
      end === COURSES[course].end ? [] : [`${id} (${course}) ended as ${end}`],
    ),
    ...whole.flatMap((family) => incomplete(family, left)),
    ...orphans(left.branches, new Set(whole.map(({ id }) => `/api/families/${id}`))),
    ...orphans(
      left.leaves,
      new Set([
        ...whole.map(({ id }) => `/api/families/${id}`),
        ...left.branches.map(({ id }) => `/api/branches/${id}`),
      ]),
    ),
    ...twice(ended, effects),
    ...remains(left.leaves, effects),
  ];
}

function incomplete({ id, course }: EndedFamily, { branches, leaves }: Left): readonly string[] {
  const parent = `/api/families/${id}`;
  const own = branches.filter((each) => each.parent === parent);
  const ofBranch = leaves.filter((each) => own.some((branch) => each.parent === `/api/branches/${branch.id}`));
  const counts = [leaves.filter((each) => each.parent === parent).length, own.length, ofBranch.length].join(", ");
  const isGrown = [...own, ...ofBranch].every(({ status }) => status === "Grown");
  return counts === "2, 1, 1" && isGrown ? [] : [`${id} (${course}) has ${counts} children in place of 2, 1, 1`];
}

function orphans(items: readonly Item[], parents: ReadonlySet<string>): readonly string[] {
  return items.flatMap(({ id, status, parent }) =>
    parent !== undefined && parents.has(parent)
      ? []
      : [`${id} (${status}) is an orphan: its parent ${parent} has ended`],
  );
}

/** A family that nothing has undone has created each of its leaves once. */
function twice(ended: readonly EndedFamily[], effects: readonly EffectLine[]): readonly string[] {
  const once: ReadonlySet<Course> = new Set<Course>(["grows", "deleted", "fails once"]);
  const families = new Set(ended.flatMap(({ id, course }) => (once.has(course) ? [id] : [])));
  const byName = Map.groupBy(
    effects.filter(({ name }) => families.has(name.split("/")[0] ?? "")),
    ({ name }) => name,
  );
  return [...byName].flatMap(([name, lines]) => {
    const ids = new Set(lines.map(({ id }) => id));
    return ids.size === 1 ? [] : [`${name} was created ${ids.size} times`];
  });
}

function remains(leaves: readonly Item[], effects: readonly EffectLine[]): readonly string[] {
  const existing = new Set(leaves.map(({ id }) => id));
  return [...Map.groupBy(effects, ({ id }) => id)].flatMap(([id, lines]) => {
    const last = lines.at(-1);
    const expected = existing.has(id) ? "made" : "gone";
    return last?.what === expected
      ? []
      : [`the last effect of the leaf ${last?.name} is ${last?.what}, not ${expected}`];
  });
}
