import { DefinitionError } from "../../../core/errors.ts";

/** The parsed parts of NATS URLs. */
export interface NatsUrl {
  /** Servers as `host:port`. */
  readonly servers: readonly string[];
  /** True if the scheme is `tls://`. */
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** The parameters after the `?`. */
  readonly query: URLSearchParams;
}

const PORT = "4222";

/**
 * Parses `nats://user:password@one:4222,two:4222?prefix=billing`: servers separated by commas, `tls://` for TLS, and
 * `token@`.
 *
 * @throws DefinitionError that names the part and never contains a password
 */
export function readNatsUrls(texts: readonly string[]): NatsUrl {
  const urls = texts.flatMap(split);
  const [first] = urls;
  if (first === undefined) throw invalidServers("the list is empty. Name at least one server.");
  const withUser = urls.find(({ username }) => username !== "");
  for (const url of urls) {
    if (url.username !== "" && (url.username !== withUser?.username || url.password !== withUser.password)) {
      throw invalidServers(
        "two of the URLs contain different credentials. Use the same credentials for all servers of a cluster.",
      );
    }
    if (isTls(url) !== isTls(first)) {
      throw invalidServers("some URLs start with tls:// and others with nats://. Use the same scheme for all servers.");
    }
  }
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port === "" ? PORT : port}`),
    tls: isTls(first),
    ...credentials(withUser),
    query: new URLSearchParams(urls.flatMap(({ searchParams }) => [...searchParams])),
  };
}

function credentials(url: URL | undefined): Pick<NatsUrl, "user" | "password" | "token"> {
  if (url === undefined) return {};
  const user = decodeURIComponent(url.username);
  return url.password === "" ? { token: user } : { user, password: decodeURIComponent(url.password) };
}

/** Splits a list of servers. Servers after the first may omit the scheme. */
function split(text: string): URL[] {
  const scheme = /^[a-z]+:\/\//.exec(text)?.[0] ?? "nats://";
  return text.split(",").map((part) => urlOf(part.includes("://") ? part.trim() : scheme + part.trim()));
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.hostname === "" || !(url.protocol === "nats:" || isTls(url))) {
    throw invalidServers("a URL is invalid. Write nats://host:4222 or tls://host:4222.");
  }
  if (url.pathname !== "" && url.pathname !== "/") {
    throw invalidServers(`${url.host} is followed by a path. Remove the path.`);
  }
  return url;
}

function isTls({ protocol }: URL): boolean {
  return protocol === "tls:";
}

function invalidServers(reason: string): DefinitionError {
  return new DefinitionError(`natsBroker: servers: ${reason}`);
}
