import type { ReactNode } from "react";
import { Link } from "wouter";
import type { TypeView } from "../../server/dashboard/shapes.ts";

/** Links to the create forms: a button for a single type, a menu for several. */
export function CreateMenu({ types }: { readonly types: readonly TypeView[] }): ReactNode {
  const creatable = types.filter(({ isCreatable }) => isCreatable);
  const [only] = creatable;
  if (only === undefined) return null;
  if (creatable.length === 1) {
    return (
      <Link href={`/new/${only.path}`} className="button button-main">
        New {only.title.toLowerCase()}
      </Link>
    );
  }
  return (
    <details className="menu">
      <summary className="button button-main">New…</summary>
      <ul>
        {creatable.map(({ path, title }) => (
          <li key={path}>
            <Link href={`/new/${path}`}>{title}</Link>
          </li>
        ))}
      </ul>
    </details>
  );
}
