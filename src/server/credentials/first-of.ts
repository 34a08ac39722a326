import type { Principal } from "../../core/principal.ts";
import type { Authenticate } from "../access/access.ts";

/**
 * Combines several `authenticate` functions: the first that recognizes the request determines the principal. A function that throws,
 * because it is unavailable, is skipped; its error is thrown only if no other function recognizes the request.
 */
export function firstOf(...authenticates: readonly [Authenticate, ...Authenticate[]]): Authenticate {
  const authenticate: Authenticate = async (request) => {
    const errors: unknown[] = [];
    for (const each of authenticates) {
      const principal = await tryAuthenticate(each, request, errors);
      if (principal !== null) return principal;
    }
    if (errors.length > 0) throw errors[0];
    return null;
  };
  const challenges = new Set(authenticates.flatMap(({ challenge }) => challenge ?? []));
  return challenges.size === 0 ? authenticate : Object.assign(authenticate, { challenge: [...challenges].join(", ") });
}

async function tryAuthenticate(
  authenticate: Authenticate,
  request: Parameters<Authenticate>[0],
  errors: unknown[],
): Promise<Principal | null> {
  try {
    return await authenticate(request);
  } catch (error) {
    errors.push(error);
    return null;
  }
}
