// oxlint-disable node/no-sync -- an option is checked before anything runs
import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { Options, SocketOptions } from "amqplib";
import { DefinitionError } from "../../core/errors.ts";

/** Options of {@link amqpInlet}. */
export interface AmqpInletOptions {
  /**
   * URL of the broker, such as `amqps://user:password@rabbitmq.example.com/virtual-host?queue=afoot.status`, or the
   * URLs of several nodes of a cluster, which are tried in turn. Parameters of the URL: `queue`, `prefetch`, the interval
   * of the `heartbeat` in seconds (5), and the PEM files `caFile`, `certFile` and `keyFile` for TLS.
   *
   * @default "amqp://127.0.0.1:5672"
   */
  readonly url?: string | readonly string[];
  /** Queue of the status messages. It is created durable if it does not exist. @default "afoot.status" */
  readonly queue?: string;
  /** Maximum number of messages that this server holds without having acknowledged them, up to 65535. @default 200 */
  readonly prefetch?: number;
  /** Options of TLS connections (`amqps://`), as for `tls.connect` of Node. */
  readonly tls?: ConnectionOptions;
  /** Maximum time to connect. @default 5000 */
  readonly connectTimeoutMs?: number;
}

/** Validated options with all defaults. */
export interface AmqpSettings {
  readonly queue: string;
  readonly prefetch: number;
  /** The nodes of the broker, which are tried in turn. At least one. */
  readonly nodes: readonly AmqpNode[];
  readonly socket: SocketOptions;
}

/** A node of the broker with all that the client needs for a connection to it. */
export type AmqpNode = Options.Connect & {
  readonly hostname: string;
  readonly port: number;
  readonly vhost: string;
};

/** Interval between heartbeats. A silent connection is closed after two of them. */
const HEARTBEAT_SECONDS = 5;
const MAX_PREFETCH = 65_535;

/** Validates options and adds the defaults. @throws DefinitionError that names the option, and never has a password */
export function amqpSettings(options: AmqpInletOptions): AmqpSettings {
  const { url = "amqp://127.0.0.1:5672", connectTimeoutMs = 5000 } = options;
  const urls = (typeof url === "string" ? [url] : url).map(parseUrl);
  const query = new URLSearchParams(urls.flatMap(({ searchParams }) => [...searchParams]));
  checkNames(query);
  const queue = options.queue ?? query.get("queue") ?? "afoot.status";
  const prefetch = options.prefetch ?? Number(query.get("prefetch") ?? 200);
  const heartbeat = Number(query.get("heartbeat") ?? HEARTBEAT_SECONDS);
  if (urls.length === 0) throw invalid("url", "the list is empty. Give the URL of at least one node.");
  if (queue === "" || Buffer.byteLength(queue) > 255) {
    throw invalid("queue", `${JSON.stringify(queue)} is not a name of a queue. Use 1 to 255 bytes.`);
  }
  if (!Number.isInteger(prefetch) || prefetch < 1 || prefetch > MAX_PREFETCH) {
    throw invalid("prefetch", `${prefetch} is not valid. Use a whole number from 1 to ${MAX_PREFETCH}.`);
  }
  if (!Number.isInteger(heartbeat) || heartbeat < 1) {
    throw invalid("heartbeat", `${heartbeat} is not valid. Use a whole number of seconds above zero.`);
  }
  if (!(Number.isFinite(connectTimeoutMs) && connectTimeoutMs > 0)) {
    throw invalid("connectTimeoutMs", `${connectTimeoutMs} is not valid. Use a number of milliseconds above zero.`);
  }
  const tls = { ...filesOf(query), ...options.tls };
  if (Object.keys(tls).length > 0 && !urls.every(isTls)) {
    throw invalid("tls", "the URL starts with amqp://, which does not use TLS. Start it with amqps://.");
  }
  return {
    queue,
    prefetch,
    nodes: urls.map((each) => ({ ...nodeOf(each), heartbeat })),
    socket: { ...tls, timeout: connectTimeoutMs, noDelay: true, clientProperties: { connection_name: "afoot" } },
  };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && url.hostname !== "" && (url.protocol === "amqp:" || isTls(url))) return url;
  throw invalid(
    "url",
    "it is not a valid URL. Write amqp://USER:PASSWORD@HOST/VIRTUAL-HOST, or amqps:// for TLS, with special characters percent-encoded.",
  );
}

function isTls({ protocol }: URL): boolean {
  return protocol === "amqps:";
}

/** @see https://www.rabbitmq.com/docs/uri-spec */
function nodeOf(url: URL): AmqpNode {
  const { hostname, port, username, password, pathname } = url;
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw invalid(
        "url",
        "it contains a % that is not followed by two hexadecimal digits. Write %25 for a percent sign.",
      );
    }
  };
  const defaultPort = isTls(url) ? 5671 : 5672;
  const vhost = decode(pathname.slice(1));
  if (pathname.slice(1).includes("/")) {
    throw invalid(
      "url",
      `the path of ${url.host} has several segments. Write the virtual host alone, with %2F for a slash.`,
    );
  }
  return {
    protocol: url.protocol.slice(0, -1),
    hostname: hostname.replaceAll(/^\[|\]$/g, ""),
    port: port === "" ? defaultPort : Number(port),
    ...(username === "" ? {} : { username: decode(username), password: decode(password) }),
    vhost: vhost === "" ? "/" : vhost,
  };
}

const FILES = { caFile: "ca", certFile: "cert", keyFile: "key" } as const;

function checkNames(query: URLSearchParams): void {
  const known = ["queue", "prefetch", "heartbeat", ...Object.keys(FILES)];
  const unknown = [...query.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw invalid("url", `${JSON.stringify(unknown)} is not a known parameter; known: ${known.join(", ")}.`);
}

function filesOf(query: URLSearchParams): ConnectionOptions {
  return Object.fromEntries(
    Object.entries(FILES).flatMap(([name, option]) => {
      const path = query.get(name);
      return path === null ? [] : [[option, readFile(name, path)]];
    }),
  );
}

function readFile(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw invalid(name, `${path} cannot be read. Check its path and permissions.`, cause);
  }
}

function invalid(option: string, problem: string, cause?: unknown): DefinitionError {
  return new DefinitionError(`amqpInlet: ${option}: ${problem}`, cause === undefined ? {} : { cause });
}
