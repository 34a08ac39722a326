/**
 * Creates the function that makes names unique in a document. The same owner and name always get the same result; for another owner a used
 * name gets a number.
 */
export function createUniqueNames(): (owner: string, name: string) => string {
  const given = new Map<string, string>();
  const used = new Set<string>();
  return (owner, name) => {
    const key = JSON.stringify([owner, name]);
    const known = given.get(key);
    if (known !== undefined) return known;
    let unique = name;
    for (let number = 2; used.has(unique); number++) unique = `${name}${number}`;
    used.add(unique);
    given.set(key, unique);
    return unique;
  };
}
