import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { requireSignInOn401 } from "../api/client.ts";
import { authorization, useCredentials } from "../api/credentials.ts";
import type { Representation } from "../api/live-resource.ts";
import { labelText } from "../components/text.ts";

type Links = Readonly<Record<string, { readonly href: string; readonly name?: string }>>;

interface ChildList {
  readonly items: readonly { readonly id: string; readonly status: string; readonly _links?: Links }[];
  readonly next?: string;
}

/** Interval between reads of the children, while the page is open. */
const INTERVAL_MS = 5000;

/** The parent and the children of a resource, as `_links` names them. */
export function Relatives({ representation }: { readonly representation: Representation | undefined }): ReactNode {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- page and server have the same version
  const links = representation?.["_links"] as Links | undefined;
  if (links === undefined) return null;
  const { parent, ...lists } = links;
  return (
    <section className="card" aria-labelledby="relatives">
      <h2 id="relatives">Relatives</h2>
      <dl className="facts">
        {parent === undefined ? null : (
          <div>
            <dt>Parent</dt>
            <dd>
              <Link href={pageOf(parent.href)}>{parent.href.split("/").slice(-2).join("/")}</Link>
            </dd>
          </div>
        )}
        {Object.entries(lists).map(([name, { href }]) => (
          <Children key={name} name={name} href={href} />
        ))}
      </dl>
    </section>
  );
}

function Children({ name, href }: { readonly name: string; readonly href: string }): ReactNode {
  const { token } = useCredentials();
  const { data } = useQuery({
    queryKey: ["children", token, href],
    queryFn: async ({ signal }) =>
      requireSignInOn401(async () => {
        const response = await fetch(href, { headers: authorization(token), signal, cache: "no-store" });
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- page and server have the same version
        return (await response.json()) as ChildList;
      }),
    refetchInterval: INTERVAL_MS,
  });
  const path = href.split("?")[0] ?? "";
  return (
    <div>
      <dt>{labelText(name)}</dt>
      <dd>
        {(data?.items ?? []).map(({ id, status, _links }) => (
          <div key={id}>
            <Link href={pageOf(`${path}/${id}`)}>{_links?.["parent"]?.name ?? id}</Link> {status}
          </div>
        ))}
        {data?.next === undefined ? null : "and more"}
        {data?.items.length === 0 ? <span className="none">none</span> : null}
      </dd>
    </div>
  );
}

/** Returns the path of the page of a resource. */
function pageOf(href: string): string {
  return `/resources/${href.split("/").slice(-2).join("/")}`;
}
