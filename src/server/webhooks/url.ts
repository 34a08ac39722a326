import { isIP } from "node:net";
import { type AllowedAddresses, isReachable } from "./addresses.ts";

/** Maximum length of the URL of a receiver. */
const MAX_URL_LENGTH = 2048;

/** Returns the reason why a value cannot be the URL of a receiver. Names are resolved when a request is sent. */
export function webhookUrlError(value: unknown, allowed: AllowedAddresses): string | undefined {
  const url = typeof value === "string" && value.length <= MAX_URL_LENGTH ? URL.parse(value) : null;
  if (url === null) return `must be an https URL of at most ${MAX_URL_LENGTH} characters`;
  const address = literalAddress(url);
  const isHttp = url.protocol === "http:" && !allowed.isEmpty;
  if (url.protocol !== "https:" && !isHttp) return "must be an https URL";
  if (url.username !== "" || url.password !== "") return "must not contain a user or a password";
  return address === undefined || isReachable(address, allowed) ? undefined : "must not lead to a private address";
}

/** Returns the address of a URL whose host is one. A URL has already converted other forms, such as decimal ones. */
export function literalAddress({ hostname }: URL): string | undefined {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(host) === 0 ? undefined : host;
}
