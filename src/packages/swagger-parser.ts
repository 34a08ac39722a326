/** Reading and validation of OpenAPI documents. */
export { default as SwaggerParser } from "@apidevtools/swagger-parser";
