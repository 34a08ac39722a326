import type { NodeConnectionOptions } from "@nats-io/transport-node";
import { DefinitionError } from "../../../core/errors.ts";
import { authenticator, type NatsCredentials } from "./credentials.ts";
import { readNatsUrls } from "./nats-url.ts";

export interface NatsTlsOptions {
  /** Files in PEM: the authorities to trust instead of the machine's, and the certificate to show with its key. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** TLS from the first byte, for servers set up so. @default false */
  readonly handshakeFirst?: boolean;
}

/** How to reach NATS. */
export interface NatsBrokerOptions extends NatsCredentials {
  /**
   * One server, several, or several in one text joined by commas: `nats://user:password@host:4222`, `tls://host`. The rest of a
   * cluster is found by itself. What follows a `?` sets options by name: `prefix`, `replicas`, `inboxPrefix`, `credentialsFile`,
   * `nkeySeedFile`, `caFile`, `certFile`, `keyFile`. Options given beside it win. @default "nats://127.0.0.1:4222"
   */
  readonly servers?: string | readonly string[];
  /** Begins every subject, and in upper case the stream's name: apps with different prefixes share one NATS without meeting. @default "afoot" */
  readonly prefix?: string;
  /** @default as the scheme of the URL says; where the server offers TLS it is used in any case */
  readonly tls?: boolean | NatsTlsOptions;
  /** On how many servers of a cluster the stream of status messages is kept: 1, 3 or 5. @default 1 for a new stream; one that exists stays as it is */
  readonly replicas?: number;
  /** Where replies go, for accounts that may not listen to all of `_INBOX`. @default "_INBOX" */
  readonly inboxPrefix?: string;
  /** How long connecting to one server may take. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** By what the server's monitoring shows the connection. @default "afoot" */
  readonly name?: string;
}

/** Options with everything said. */
export interface NatsSettings {
  readonly prefix: string;
  readonly inboxPrefix: string;
  readonly replicas: number | undefined;
  readonly connection: NodeConnectionOptions;
}

/** A connection that carries nothing is noticed within three of these: before a worker's lease is over. */
const PING_MS = 3000;
const RECONNECT_MS = 1000;

/** Fills in the defaults. @throws DefinitionError naming the option */
export function natsSettings(options: NatsBrokerOptions): NatsSettings {
  const { servers = "nats://127.0.0.1:4222" } = options;
  const { query, ...url } = readNatsUrls(typeof servers === "string" ? [servers] : servers);
  const given: NatsBrokerOptions = { ...url, ...fromQuery(query), ...options };
  const { prefix = "afoot", inboxPrefix = "_INBOX", replicas, connectTimeoutMs = 5000, name = "afoot" } = given;
  checkTokens("prefix", prefix);
  checkTokens("inboxPrefix", inboxPrefix);
  if (replicas !== undefined && !(Number.isInteger(replicas) && replicas >= 1 && replicas <= 5)) {
    throw new DefinitionError(`natsBroker: replicas: ${replicas} is not a number of servers; use 1, 3 or 5`);
  }
  if (!(Number.isFinite(connectTimeoutMs) && connectTimeoutMs > 0)) {
    throw new DefinitionError(`natsBroker: connectTimeoutMs: ${connectTimeoutMs} is not a number above zero`);
  }
  return {
    prefix,
    inboxPrefix,
    replicas,
    connection: {
      servers: [...url.servers],
      name,
      ...(given.tls === undefined || given.tls === false ? {} : { tls: given.tls === true ? {} : { ...given.tls } }),
      ...authenticator(given),
      inboxPrefix,
      timeout: connectTimeoutMs,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      reconnectJitter: RECONNECT_MS / 2,
      reconnectJitterTLS: RECONNECT_MS / 2,
      ignoreAuthErrorAbort: true,
      pingInterval: PING_MS,
      maxPingOut: 2,
      noAsyncTraces: true,
    },
  };
}

const TEXTS = ["prefix", "inboxPrefix", "credentialsFile", "nkeySeedFile"] as const;
const FILES = ["caFile", "certFile", "keyFile"] as const;

function fromQuery(query: URLSearchParams): NatsBrokerOptions {
  const known: readonly string[] = [...TEXTS, ...FILES, "replicas"];
  for (const name of query.keys()) {
    if (known.includes(name)) continue;
    throw new DefinitionError(
      `natsBroker: servers: ${JSON.stringify(name)} is not known after the ?; known are ${known.join(", ")}`,
    );
  }
  const replicas = query.get("replicas");
  const tls = said(query, FILES);
  return {
    ...said(query, TEXTS),
    ...(replicas === null ? {} : { replicas: Number(replicas) }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

function said(query: URLSearchParams, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? ""]] : [])));
}

function checkTokens(option: string, value: string): void {
  if (/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(value)) return;
  throw new DefinitionError(
    `natsBroker: ${option}: ${JSON.stringify(value)} cannot begin a subject; use letters, digits, _ and -, in parts joined by dots`,
  );
}
