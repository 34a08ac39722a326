/** Examples of a JSON Schema. */
export { generateSync } from "json-schema-faker";
