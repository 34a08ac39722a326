import { DefinitionError } from "../errors.ts";

const NAME = /^[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*$/;

/**
 * Checks that a name is lower-case words joined by hyphens, such as `virtual-machine`.
 *
 * @param path position of the name in the declaration, for the error
 * @throws DefinitionError
 */
export function checkName(name: string, path: string): void {
  if (typeof name === "string" && NAME.test(name)) return;
  throw new DefinitionError(
    `${path}: ${JSON.stringify(name)} is not a name; use lower-case letters and digits in words joined by hyphens, such as "virtual-machine"`,
  );
}

type Vowel = "a" | "e" | "i" | "o" | "u";

/**
 * The plural of a resource type's name: `-ies` after a consonant and `y`, `-es` after `s`, `x`, `z`, `ch`, `sh`, else
 * `-s`. The same rules as {@link plural}.
 */
export type Plural<Name extends string> = Name extends `${string}${Vowel}y`
  ? `${Name}s`
  : Name extends `${infer Stem}y`
    ? `${Stem}ies`
    : Name extends `${string}${"s" | "x" | "z" | "ch" | "sh"}`
      ? `${Name}es`
      : `${Name}s`;

/** Returns the plural of a name, by the rules of {@link Plural}. */
export function plural<Name extends string>(name: Name): Plural<Name>;
export function plural(name: string): string {
  if (/(?:^|[^aeiou])y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

/** The camel case of a name: `virtualMachines` for `virtual-machines`. The same rule as {@link camelCase}. */
export type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${CamelCase<Capitalize<Tail>>}`
  : Name;

/** Returns the camel case of a name, by the rule of {@link CamelCase}. */
export function camelCase<Name extends string>(name: Name): CamelCase<Name>;
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Returns a name in Pascal case, as schemas are named in the OpenAPI document: `VirtualMachine` for `virtual-machine`.
 */
export function pascalCase(name: string): string {
  const camel: string = camelCase(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}
