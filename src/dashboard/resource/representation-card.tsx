import type { ReactNode } from "react";
import type { Representation } from "../api/live-resource.ts";
import { labelText } from "../components/text.ts";

/** Fields that other parts of the page show. */
const SHOWN_ELSEWHERE = new Set([
  "id",
  "status",
  "progress",
  "estimatedTimeRemaining",
  "queuePosition",
  "error",
  "_links",
]);

/** The representation of the resource, as clients read it. */
export function RepresentationCard({
  representation,
}: {
  readonly representation: Representation | undefined;
}): ReactNode {
  return (
    <section className="card" aria-labelledby="representation" aria-busy={representation === undefined}>
      <h2 id="representation">Representation</h2>
      {representation === undefined ? (
        <div className="skeleton-row" />
      ) : (
        <>
          <Fields
            value={Object.fromEntries(Object.entries(representation).filter(([name]) => !SHOWN_ELSEWHERE.has(name)))}
          />
          <details className="raw">
            <summary>As JSON</summary>
            <pre tabIndex={0} aria-label="The representation as JSON">
              {JSON.stringify(representation, undefined, 2)}
            </pre>
          </details>
        </>
      )}
    </section>
  );
}

function Fields({ value }: { readonly value: object }): ReactNode {
  return (
    <dl className="fields">
      {Object.entries(value).map(([name, each]) => (
        <div key={name}>
          <dt>{labelText(name)}</dt>
          <dd>
            <Value value={each} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value }: { readonly value: unknown }): ReactNode {
  if (value === null) return <span className="none">none</span>;
  if (Array.isArray(value)) {
    if (value.length === 0) return <span className="none">none</span>;
    return (
      <ol className="values">
        {value.map((each: unknown, index) => (
          <li key={index}>
            <Value value={each} />
          </li>
        ))}
      </ol>
    );
  }
  if (typeof value === "object") return <Fields value={value} />;
  return typeof value === "string" ? value : JSON.stringify(value);
}
