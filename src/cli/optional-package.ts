import { DefinitionError } from "../core/errors.ts";
import { isJsonObject } from "../core/json/json.ts";

/**
 * Imports a module that needs packages which only some apps install.
 *
 * @throws DefinitionError that names the packages to install, if one of them is missing
 */
export async function importOptional<Module>(
  setting: string,
  packages: readonly string[],
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const isMissing = isJsonObject(cause) && cause["code"] === "ERR_MODULE_NOT_FOUND";
    if (!isMissing) throw cause;
    const names = packages.length === 1 ? `the package ${packages[0]}` : `the packages ${packages.join(" and ")}`;
    const problem = `${setting}: ${names} cannot be loaded`;
    throw new DefinitionError(`${problem}; install: npm install ${packages.join(" ")}`, { cause });
  }
}
