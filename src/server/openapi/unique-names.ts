/**
 * Gives out names that stand once in a document. The same owner and name always get the same; another owner who wants a name
 * that is taken gets it with a number.
 */
export function createUniqueNames(): (owner: string, name: string) => string {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return (owner, name) => {
    const key = JSON.stringify([owner, name]);
    const known = given.get(key);
    if (known !== undefined) return known;
    let unique = name;
    for (let number = 2; taken.has(unique); number++) unique = `${name}${number}`;
    taken.add(unique);
    given.set(key, unique);
    return unique;
  };
}
