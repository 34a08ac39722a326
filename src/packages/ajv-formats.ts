/** Formats of JSON Schema for Ajv. */
export { default as ajvFormats } from "ajv-formats";
