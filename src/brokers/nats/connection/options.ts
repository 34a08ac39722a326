import type { NodeConnectionOptions } from "@nats-io/transport-node";
import { DefinitionError } from "../../../core/errors.ts";
import { authenticator, type NatsCredentials } from "./credentials.ts";
import { readNatsUrls } from "./nats-url.ts";

/** Files of a TLS connection to NATS. */
export interface NatsTlsOptions {
  /** PEM file with the trusted certificate authorities. @default the system's */
  readonly caFile?: string;
  /** PEM file with the client certificate. */
  readonly certFile?: string;
  /** PEM file with the key of the client certificate. */
  readonly keyFile?: string;
  /** Starts TLS with the first byte, for servers with `handshake_first`. @default false */
  readonly handshakeFirst?: boolean;
}

/** Options of {@link natsBroker}. */
export interface NatsBrokerOptions extends NatsCredentials {
  /**
   * One or more servers, as an array or separated by commas: `nats://user:password@host:4222`, `tls://host`. The other
   * servers of a cluster are discovered. Parameters after a `?` set options by name: `prefix`, `replicas`,
   * `inboxPrefix`, `credentialsFile`, `nkeySeedFile`, `caFile`, `certFile`, `keyFile`. Options passed beside the URL
   * take precedence.
   *
   * @default "nats://127.0.0.1:4222"
   */
  readonly servers?: string | readonly string[];
  /**
   * Prefix of every subject and, in upper case, of the stream's name. Apps with different prefixes can share one NATS
   * server.
   *
   * @default "afoot"
   */
  readonly prefix?: string;
  /** TLS options. @default TLS if the scheme of the URL is `tls://`, or if the server offers it */
  readonly tls?: boolean | NatsTlsOptions;
  /**
   * Number of servers of a cluster that store the stream of status messages: 1, 3 or 5.
   *
   * @default 1 for a new stream; an existing stream is not changed
   */
  readonly replicas?: number;
  /** Prefix of reply subjects, for accounts that may not subscribe to all of `_INBOX`. @default "_INBOX" */
  readonly inboxPrefix?: string;
  /** Time limit for connecting to one server. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** Name of the connection in the server's monitoring. @default "afoot" */
  readonly name?: string;
}

/** Validated options with all defaults. */
export interface NatsSettings {
  readonly prefix: string;
  readonly inboxPrefix: string;
  readonly replicas: number | undefined;
  readonly connection: NodeConnectionOptions;
}

/** Interval between pings. A dead connection is detected within three of them, before a worker's lease is over. */
const PING_INTERVAL_MS = 3000;
const RECONNECT_INTERVAL_MS = 1000;

/** Validates options and adds the defaults. @throws DefinitionError that names the option */
export function natsSettings(options: NatsBrokerOptions): NatsSettings {
  const { servers = "nats://127.0.0.1:4222" } = options;
  const { query, ...url } = readNatsUrls(typeof servers === "string" ? [servers] : servers);
  const merged: NatsBrokerOptions = { ...url, ...fromQuery(query), ...options };
  const { prefix = "afoot", inboxPrefix = "_INBOX", replicas, connectTimeoutMs = 5000, name = "afoot" } = merged;
  checkTokens("prefix", prefix);
  checkTokens("inboxPrefix", inboxPrefix);
  if (replicas !== undefined && !(Number.isInteger(replicas) && replicas >= 1 && replicas <= 5)) {
    throw new DefinitionError(`natsBroker: replicas: ${replicas} is not a valid number of servers. Use 1, 3 or 5.`);
  }
  if (!(Number.isFinite(connectTimeoutMs) && connectTimeoutMs > 0)) {
    throw new DefinitionError(
      `natsBroker: connectTimeoutMs: ${connectTimeoutMs} is not valid. Use a number of milliseconds above zero.`,
    );
  }
  return {
    prefix,
    inboxPrefix,
    replicas,
    connection: {
      servers: [...url.servers],
      name,
      ...(merged.tls === undefined || merged.tls === false
        ? {}
        : { tls: merged.tls === true ? {} : { ...merged.tls } }),
      ...authenticator(merged),
      inboxPrefix,
      timeout: connectTimeoutMs,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_INTERVAL_MS,
      reconnectJitter: RECONNECT_INTERVAL_MS / 2,
      reconnectJitterTLS: RECONNECT_INTERVAL_MS / 2,
      ignoreAuthErrorAbort: true,
      pingInterval: PING_INTERVAL_MS,
      maxPingOut: 2,
      noAsyncTraces: true,
    },
  };
}

const TEXT_OPTIONS = ["prefix", "inboxPrefix", "credentialsFile", "nkeySeedFile"] as const;
const FILE_OPTIONS = ["caFile", "certFile", "keyFile"] as const;

function fromQuery(query: URLSearchParams): NatsBrokerOptions {
  const known: readonly string[] = [...TEXT_OPTIONS, ...FILE_OPTIONS, "replicas"];
  for (const name of query.keys()) {
    if (known.includes(name)) continue;
    throw new DefinitionError(
      `natsBroker: servers: ${JSON.stringify(name)} is not a known parameter of the URL; known: ${known.join(", ")}.`,
    );
  }
  const replicas = query.get("replicas");
  const tls = pick(query, FILE_OPTIONS);
  return {
    ...pick(query, TEXT_OPTIONS),
    ...(replicas === null ? {} : { replicas: Number(replicas) }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

function pick(query: URLSearchParams, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? ""]] : [])));
}

function checkTokens(option: string, value: string): void {
  if (/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(value)) return;
  throw new DefinitionError(
    `natsBroker: ${option}: ${JSON.stringify(value)} is not a valid start of a subject. Use letters, digits, _ and -, in parts separated by dots.`,
  );
}
