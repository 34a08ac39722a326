import type { Authenticate, Principal } from "../access/access.ts";

/**
 * Joins several `authenticate` to one: the first that knows the request says who it is. One that cannot tell at the moment (it
 * throws) is passed over; only where no other knows the request is that the answer.
 */
export function firstOf(...authenticates: readonly [Authenticate, ...Authenticate[]]): Authenticate {
  const authenticate: Authenticate = async (request) => {
    const failures: unknown[] = [];
    for (const each of authenticates) {
      const principal = await asked(each, request, failures);
      if (principal !== null) return principal;
    }
    if (failures.length > 0) throw failures[0];
    return null;
  };
  const challenges = new Set(authenticates.flatMap(({ challenge }) => challenge ?? []));
  return challenges.size === 0 ? authenticate : Object.assign(authenticate, { challenge: [...challenges].join(", ") });
}

async function asked(
  authenticate: Authenticate,
  request: Parameters<Authenticate>[0],
  failures: unknown[],
): Promise<Principal | null> {
  try {
    return await authenticate(request);
  } catch (error) {
    failures.push(error);
    return null;
  }
}
