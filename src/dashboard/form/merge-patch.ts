type Fields = Readonly<Record<string, unknown>>;

/** Creates a merge patch from `before` to `after`: changed fields, and null for removed ones. @see https://www.rfc-editor.org/rfc/rfc7396 */
export function mergePatch(before: unknown, after: unknown): Fields {
  if (!isFields(after)) return {};
  const original = isFields(before) ? before : {};
  const changed = Object.entries(after).flatMap(([name, value]): (readonly [string, unknown])[] => {
    if (isSame(original[name], value)) return [];
    return [[name, isFields(value) && isFields(original[name]) ? mergePatch(original[name], value) : value]];
  });
  const removed = Object.keys(original).flatMap((name): (readonly [string, unknown])[] =>
    name in after ? [] : [[name, null]],
  );
  return Object.fromEntries([...changed, ...removed]);
}

/** Compares JSON values. The order of an object's fields makes no difference. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  if (isFields(one) && isFields(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
    );
  }
  return one === other;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
