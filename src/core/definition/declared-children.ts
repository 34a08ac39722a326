import { DefinitionError } from "../errors.ts";
import type { ChildType } from "../work.ts";
import { positiveCount } from "./checks.ts";
import { checkName } from "./names.ts";

/** Effects of a cancel and of a delete on children. */
export interface CascadeOptions {
  /**
   * Removes the children that an operation has created when it fails or is cancelled: their operations are cancelled,
   * and they are deleted. False leaves them as they are, and a retry of the operation finds them again. @default true
   */
  readonly cancel?: boolean;
  /** Deletes the children together with the resource, which is gone only after them. @default true */
  readonly delete?: boolean;
}

/** Limits on the children of a type. */
export interface ChildLimits {
  /** Maximum number of ancestors of a child. @default 8 */
  readonly depth?: number;
  /** Maximum number of children that one operation creates. @default 1000 */
  readonly count?: number;
}

/** The children of a type, with the defaults filled in. */
export interface DeclaredChildren {
  /** The resource types by declared name. A function, because a type may refer to one that is declared later. */
  readonly types: () => ReadonlyMap<string, ChildType>;
  readonly cascade: Required<CascadeOptions>;
  readonly limits: Required<ChildLimits>;
}

export interface ChildrenDeclaration {
  readonly name: string;
  readonly children?: { readonly [name: string]: unknown } | undefined;
  readonly cascade?: CascadeOptions | undefined;
  readonly childLimits?: ChildLimits | undefined;
}

/** Checks the declaration of children. Returns undefined if the type declares none. @throws DefinitionError */
export function declaredChildren({
  name,
  children = {},
  cascade = {},
  childLimits: { depth = 8, count = 1000 } = {},
}: ChildrenDeclaration): DeclaredChildren | undefined {
  const entries = Object.entries(children);
  if (entries.length === 0) return undefined;
  for (const [child] of entries) {
    checkName(child, `${name}: children`);
    if (child === "parent" || child === "self") {
      throw new DefinitionError(`${name}: children.${child}: this name is reserved; choose another`);
    }
  }
  let types: ReadonlyMap<string, ChildType> | undefined;
  return {
    types: () =>
      (types ??= new Map(entries.map(([child, type]) => [child, typeOf(type, `${name}: children.${child}`)]))),
    cascade: { cancel: cascade.cancel ?? true, delete: cascade.delete ?? true },
    limits: {
      depth: positiveCount(depth, `${name}: childLimits.depth`),
      count: positiveCount(count, `${name}: childLimits.count`),
    },
  };
}

function typeOf(given: unknown, path: string): ChildType {
  const type = isFunction(given) ? given() : given;
  if (isType(type)) return type;
  throw new DefinitionError(
    `${path}: is not a resource type; give the result of defineResource, or a function that returns it`,
  );
}

function isType(type: unknown): type is ChildType {
  return typeof type === "object" && type !== null && "operations" in type && "name" in type;
}

function isFunction(given: unknown): given is () => unknown {
  return typeof given === "function";
}
