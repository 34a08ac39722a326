import { BlockList, isIP, isIPv6 } from "node:net";
import { DefinitionError } from "../../core/errors.ts";

/** Addresses that are not public, but that the app allows. */
export interface AllowedAddresses {
  readonly isEmpty: boolean;
  readonly has: (address: string) => boolean;
}

/** Parses the option `allow`: addresses and ranges. @throws DefinitionError */
export function allowedAddresses(allow: readonly string[]): AllowedAddresses {
  const list = listOf(allow);
  return { isEmpty: allow.length === 0, has: (address) => list.check(address, familyOf(address)) };
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of ranges) {
    const [address = "", bits] = text.split("/");
    const max = isIPv6(address) ? 128 : 32;
    const length = bits === undefined ? max : Number(bits);
    if (isIP(address) === 0 || !/^\d+$/.test(bits ?? "0") || length > max) {
      throw new DefinitionError(
        `webhooks.allow: ${JSON.stringify(text)} is no address or range. Give one such as "10.1.0.0/16".`,
      );
    }
    list.addSubnet(address, length, familyOf(address));
  }
  return list;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

/**
 * Ranges that are not public, and 168.63.129.16, at which Azure serves metadata.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
 */
const NOT_PUBLIC_V4 = listOf(
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3".split(
    " ",
  ),
);
/** The global unicast addresses, and the ranges in them that are not public or contain IPv4 addresses. */
const GLOBAL_V6 = listOf(["2000::/3"]);
const NOT_PUBLIC_V6 = listOf(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]);

/** Returns true if a request may go to an address: it is public, or the app allows it. */
export function isReachable(address: string, allowed: AllowedAddresses): boolean {
  // The zone of a link-local address is no part of it.
  const [plain = ""] = address.split("%");
  if (isIP(plain) === 0) return false;
  const embedded = embeddedIPv4(plain);
  if (embedded !== undefined) return isReachable(embedded, allowed);
  return allowed.has(plain) || isPublic(plain);
}

function isPublic(address: string): boolean {
  if (!isIPv6(address)) return !NOT_PUBLIC_V4.check(address, "ipv4");
  return GLOBAL_V6.check(address, "ipv6") && !NOT_PUBLIC_V6.check(address, "ipv6");
}

/** Returns the IPv4 address to which an IPv6 address leads: one that is mapped (::ffff:0:0/96), or of NAT64 (64:ff9b::/96). */
function embeddedIPv4(address: string): string | undefined {
  if (!isIPv6(address)) return undefined;
  // A URL writes an address in one form: without leading zeros, with "::", and without dots.
  const hostname = URL.parse(`http://[${address}]`)?.hostname ?? "";
  const [, high = "", low = ""] = /^\[(?:::ffff|64:ff9b:):([0-9a-f]+):([0-9a-f]+)\]$/.exec(hostname) ?? [];
  if (high === "") return /^\[64:ff9b::[0-9a-f]*\]$/.test(hostname) ? "0.0.0.0" : undefined;
  const bits = [high, low].map((group) => Number.parseInt(group, 16));
  return bits.flatMap((group) => [group >> 8, group & 255]).join(".");
}
