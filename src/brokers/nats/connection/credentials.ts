// oxlint-disable node/no-sync -- The client asks for credentials in one call, at each connection, and a file may have been renewed.
import { readFileSync } from "node:fs";
import {
  type Authenticator,
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { DefinitionError } from "../../../core/errors.ts";

/** Who connects. */
export interface NatsCredentials {
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** A `.creds` file: JWT and seed. Read at each connection, so that it may be renewed. */
  readonly credentialsFile?: string;
  /** A file with the seed of an nkey, read likewise. */
  readonly nkeySeedFile?: string;
}

/** How to say who connects: at most one of the ways. @throws DefinitionError for several, or a file that cannot be read */
export function authenticator(options: NatsCredentials): { readonly authenticator?: Authenticator } {
  const { user, password, token, credentialsFile, nkeySeedFile } = options;
  const ways = [
    ...(user === undefined ? [] : [usernamePasswordAuthenticator(user, password)]),
    ...(token === undefined ? [] : [tokenAuthenticator(token)]),
    ...(credentialsFile === undefined ? [] : [credsAuthenticator(fileReader(credentialsFile, "credentialsFile"))]),
    ...(nkeySeedFile === undefined ? [] : [nkeyAuthenticator(fileReader(nkeySeedFile, "nkeySeedFile"))]),
  ];
  if (ways.length > 1) {
    throw new DefinitionError(
      "natsBroker: user, token, credentialsFile and nkeySeedFile are different ways to connect; give one of them",
    );
  }
  const [way] = ways;
  return way === undefined ? {} : { authenticator: way };
}

/** Reads a file once to see that it is there, and again at each call. */
function fileReader(path: string, option: string): () => Uint8Array {
  try {
    readFileSync(path);
  } catch (cause) {
    throw new DefinitionError(`natsBroker: ${option}: ${path} cannot be read`, { cause });
  }
  return () => Buffer.from(readFileSync(path, "utf8").trim());
}
