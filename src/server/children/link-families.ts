import { propertyNames, type ResourceType } from "../../core/definition/resource-type.ts";
import { DefinitionError } from "../../core/errors.ts";

/**
 * Adds the links between parents and children to the types of an app. Other types stay the same objects.
 *
 * @throws DefinitionError for a child whose type is not one of the app
 */
export function linkFamilies<Types extends readonly ResourceType[]>(types: Types): Types;
export function linkFamilies(types: readonly ResourceType[]): readonly ResourceType[] {
  const byName = new Map(types.map((type) => [type.name, type]));
  const childrenOf = ({ name, children }: ResourceType): (readonly [declared: string, type: ResourceType])[] =>
    [...(children?.types() ?? [])].map(([declared, { name: child }]) => {
      const type = byName.get(child);
      if (type !== undefined) return [declared, type];
      throw new DefinitionError(
        `createApp: ${name}: children.${declared}: the type ${JSON.stringify(child)} is not one of the app. Add it to resources.`,
      );
    });
  const families = types.map((type) => [type, childrenOf(type)] as const);
  return types.map((type) => {
    const parents = families.flatMap(([parent, children]) =>
      children.some(([, child]) => child.name === type.name) ? [[parent.name, parent.path] as const] : [],
    );
    const children = childrenOf(type).map(([declared, { path }]) => [declared, path] as const);
    if (parents.length + children.length === 0) return type;
    if (propertyNames(type.details.output).includes("_links")) {
      throw new DefinitionError(
        `${type.name}: details._links: parents and children have a field of this name; choose another`,
      );
    }
    const links = { parents: new Map(parents), children: new Map(children) };
    return { ...type, links, representation: { ...type.representation, links: true } };
  });
}
