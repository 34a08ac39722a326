import { DefinitionError } from "../../../core/errors.ts";

/** What one text says of the servers and of how to speak to them. */
export interface NatsUrl {
  /** `host:port`. */
  readonly servers: readonly string[];
  /** The URL asks for TLS. */
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** What follows the `?`. */
  readonly query: URLSearchParams;
}

const PORT = "4222";

/**
 * Reads `nats://user:password@one:4222,two:4222?prefix=billing`: several servers by commas, `tls://` for TLS, a lone `token@`.
 *
 * @throws DefinitionError naming the part, never showing a password
 */
export function readNatsUrls(texts: readonly string[]): NatsUrl {
  const urls = texts.flatMap(split);
  const [first] = urls;
  if (first === undefined) throw wrong("name at least one server");
  const withUser = urls.find(({ username }) => username !== "");
  for (const url of urls) {
    if (url.username !== "" && (url.username !== withUser?.username || url.password !== withUser.password)) {
      throw wrong("two of the URLs carry different credentials; one set serves the whole cluster");
    }
    if (isTls(url) !== isTls(first)) throw wrong("some URLs say tls:// and others nats://; say one of them");
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

/** The servers of a text; those after the first may leave the scheme out. */
function split(text: string): URL[] {
  const scheme = /^[a-z]+:\/\//.exec(text)?.[0] ?? "nats://";
  return text.split(",").map((part) => urlOf(part.includes("://") ? part.trim() : scheme + part.trim()));
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.hostname === "" || !(url.protocol === "nats:" || isTls(url))) {
    throw wrong("a server is given as nats://host:4222 or tls://host:4222");
  }
  if (url.pathname !== "" && url.pathname !== "/") throw wrong(`${url.host} is followed by a path; servers have none`);
  return url;
}

function isTls({ protocol }: URL): boolean {
  return protocol === "tls:";
}

function wrong(why: string): DefinitionError {
  return new DefinitionError(`natsBroker: servers: ${why}`);
}
