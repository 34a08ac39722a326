// oxlint-disable node/no-sync -- the NATS client reads credentials synchronously at each connection, and a file may have been renewed
import { readFileSync } from "node:fs";
import {
  type Authenticator,
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { DefinitionError } from "../../../core/errors.ts";

/** Credentials for the NATS server. */
export interface NatsCredentials {
  /** User name. @default none */
  readonly user?: string;
  /** Password of `user`. @default none */
  readonly password?: string;
  /** Token, in place of user and password. @default none */
  readonly token?: string;
  /** A `.creds` file with JWT and seed. It is read at each connection, so that it can be renewed. */
  readonly credentialsFile?: string;
  /** A file with the seed of an nkey. It is read at each connection, so that it can be renewed. */
  readonly nkeySeedFile?: string;
}

/**
 * Returns the authenticator for the credentials, if any. @throws DefinitionError for several kinds, or an unreadable
 * file
 */
export function authenticator(options: NatsCredentials): { readonly authenticator?: Authenticator } {
  const { user, password, token, credentialsFile, nkeySeedFile } = options;
  const authenticators = [
    ...(user === undefined ? [] : [usernamePasswordAuthenticator(user, password)]),
    ...(token === undefined ? [] : [tokenAuthenticator(token)]),
    ...(credentialsFile === undefined ? [] : [credsAuthenticator(fileReader(credentialsFile, "credentialsFile"))]),
    ...(nkeySeedFile === undefined ? [] : [nkeyAuthenticator(fileReader(nkeySeedFile, "nkeySeedFile"))]),
  ];
  if (authenticators.length > 1) {
    throw new DefinitionError(
      "natsBroker: user, token, credentialsFile and nkeySeedFile exclude each other. Pass one of them.",
    );
  }
  const [only] = authenticators;
  return only === undefined ? {} : { authenticator: only };
}

/** Checks that a file is readable. Returns a function that reads it again at each call. */
function fileReader(path: string, option: string): () => Uint8Array {
  try {
    readFileSync(path);
  } catch (cause) {
    throw new DefinitionError(`natsBroker: ${option}: ${path} cannot be read. Check its path and permissions.`, {
      cause,
    });
  }
  return () => Buffer.from(readFileSync(path, "utf8").trim());
}
