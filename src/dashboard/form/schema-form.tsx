import { type ReactNode, useEffect, useRef, useState } from "react";
import type { JsonSchema } from "../../core/json/schema.ts";
import type { FormFaults } from "./faults.ts";
import { Field } from "./field.tsx";
import { JsonField } from "./json-field.tsx";

export interface SchemaFormProps {
  readonly schema: JsonSchema;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly faults: FormFaults;
}

/** A form made from a JSON Schema. The schema decides on the server; here it says only which fields there are. */
export function SchemaForm({ schema, value, onChange, faults }: SchemaFormProps): ReactNode {
  const [isJson, setJson] = useState(false);
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (faults.summary !== "") summary.current?.focus();
  }, [faults]);
  const place = { schema, document: schema, pointer: "", name: "value", isRequired: true, faults };
  return (
    <>
      {faults.summary === "" ? null : (
        <div ref={summary} className="form-faults" role="alert" tabIndex={-1}>
          <p>{faults.summary}</p>
          <FaultList faults={faults} />
        </div>
      )}
      {isJson ? (
        <JsonField {...place} name="JSON" value={value} onChange={onChange} />
      ) : (
        <Field {...place} value={value} onChange={onChange} isWhole />
      )}
      <button type="button" className="button button-quiet" onClick={() => setJson(!isJson)}>
        {isJson ? "Edit by fields" : "Edit as JSON"}
      </button>
    </>
  );
}

function FaultList({ faults }: { readonly faults: FormFaults }): ReactNode {
  if (faults.byPointer.size === 0) return null;
  return (
    <ul>
      {[...faults.byPointer].map(([pointer, detail]) => (
        <li key={pointer}>
          {pointer === "" ? null : <code>{pointer.slice(1).replaceAll("/", ".")}</code>} {detail}
        </li>
      ))}
    </ul>
  );
}
