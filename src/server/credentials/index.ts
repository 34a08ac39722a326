export { apiKeys, type ApiKeysOptions } from "./api-keys.ts";
export { firstOf } from "./first-of.ts";
export { jwt, type Claims, type JwtOptions } from "./jwt.ts";
export type { Principal } from "../../core/principal.ts";
export type { Access, Authenticate, AuthenticateRequest, Authorize } from "../access/access.ts";
