/** Replaces some members of an object. The others stay bound to it, because a store may be an instance of a class. */
export function overridden<Target extends object>(
  target: Target,
  members: { readonly [Name in keyof Target]?: Target[Name] | undefined },
): Target {
  return new Proxy(target, {
    get(_target, name) {
      const value: unknown = Reflect.get(Object.hasOwn(members, name) ? members : target, name);
      const bound: unknown = typeof value === "function" ? value.bind(target) : value;
      return bound;
    },
  });
}
