import type { ClientResponse } from "./http.ts";
import type { Sight } from "./ledger.ts";
import { type ClientParts, credentialsOf } from "./parts.ts";
import { write } from "./write.ts";

/** A resource that a client uses. */
export interface Used {
  readonly type: string;
  readonly id: string;
  readonly path: string;
  readonly sight: Sight;
}

const MERGE_PATCH = { "content-type": "application/merge-patch+json" };

/** Several clients add pairs of metadata at the same time. All that are accepted stay. */
export async function annotateTogether(parts: ClientParts, { type, id, path }: Used): Promise<void> {
  const { chance, ledger } = parts;
  const condition = chance.happens(0.4) ? await conditionOf(parts, path) : {};
  const responses = Array.from({ length: chance.pick([1, 2, 3]) }, async () => {
    const [name, value] = [ledger.nextPair(`${type}/${id}`), `value-${ledger.nextNumber()}`];
    const response = await write(parts, {
      ...{ method: "PATCH", path, body: { metadata: { [name]: value } } },
      headers: { ...MERGE_PATCH, ...condition },
    });
    if (response?.status === 200) ledger.accepted.get(`${type}/${id}`)?.metadata.set(name, value);
    return response;
  });
  checkOneWins(parts, condition, await Promise.all(responses));
}

/** Several clients change the configuration at the same time. */
export async function patchTogether(parts: ClientParts, { path }: Used): Promise<void> {
  const { chance } = parts;
  const condition = chance.happens(0.5) ? await conditionOf(parts, path) : {};
  const responses = Array.from({ length: chance.pick([1, 1, 2]) }, (_, index) =>
    write(parts, {
      ...{ method: "PATCH", path, body: { configuration: { size: 10 * (index + 1) + chance.below(9) } } },
      headers: { ...MERGE_PATCH, ...condition },
    }),
  );
  checkOneWins(parts, condition, await Promise.all(responses));
}

type Condition = Readonly<Record<string, string>>;

/** Reads the resource, and returns the condition that it is still in this state. */
async function conditionOf(parts: ClientParts, path: string): Promise<Condition> {
  const tag = (await parts.http.send({ method: "GET", path, headers: credentialsOf(parts) }))?.headers.get("etag");
  return tag === undefined ? {} : { "if-match": tag };
}

/** Checks that at most one of several requests with the same condition has an effect. */
function checkOneWins(
  { violations }: ClientParts,
  condition: Condition,
  responses: readonly (ClientResponse | undefined)[],
): void {
  const accepted = responses.filter((response) => response !== undefined && response.status < 300);
  violations.check(
    condition["if-match"] === undefined || accepted.length <= 1,
    "one of several requests with the same If-Match has an effect",
    () => `${accepted.length} with ${condition["if-match"]}`,
  );
}
