import { pascalCase } from "../../core/definition/names.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";

/** Forms of a resource type's name for use in sentences. */
export interface Words {
  /** `virtual machine` */
  readonly name: string;
  /** `a virtual machine` */
  readonly one: string;
  /** `virtual machines` */
  readonly many: string;
  /** Short form, `VM`: the initials of a name of several words, else the name. */
  readonly short: string;
  /** Tag of the operations, `Virtual machines`. */
  readonly tag: string;
}

export function wordsOf({ name: hyphened, path }: ResourceType): Words {
  const name = hyphened.replaceAll("-", " ");
  const many = path.replaceAll("-", " ");
  return {
    name,
    one: `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`,
    many,
    short: hyphened.includes("-") ? initials(hyphened) : name,
    tag: capital(many),
  };
}

/** Returns the part of an example's name that identifies the type: `VM` in `newVM`. */
export function exampleWord({ name }: ResourceType): string {
  return name.includes("-") ? initials(name) : pascalCase(name);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function initials(hyphened: string): string {
  return hyphened
    .split("-")
    .map((word) => word.charAt(0).toUpperCase())
    .join("");
}

/** Joins labels or names for a sentence: `Ready or Stopped`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
