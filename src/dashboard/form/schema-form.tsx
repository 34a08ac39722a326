import { type ReactNode, useEffect, useRef, useState } from "react";
import type { JsonSchema } from "../../core/json/schema.ts";
import { Field } from "./field.tsx";
import type { FormErrors } from "./form-errors.ts";
import { JsonField } from "./json-field.tsx";

export interface SchemaFormProps {
  readonly schema: JsonSchema;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly errors: FormErrors;
}

/** A form generated from a JSON Schema. The server validates; here the schema only determines the fields. */
export function SchemaForm({ schema, value, onChange, errors }: SchemaFormProps): ReactNode {
  const [isJson, setJson] = useState(false);
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (errors.summary !== "") summary.current?.focus();
  }, [errors]);
  const rootField = { schema, document: schema, pointer: "", name: "value", isRequired: true, errors };
  return (
    <>
      {errors.summary === "" ? null : (
        <div ref={summary} className="form-errors" role="alert" tabIndex={-1}>
          <p>{errors.summary}</p>
          <ErrorList errors={errors} />
        </div>
      )}
      {isJson ? (
        <JsonField {...rootField} name="JSON" value={value} onChange={onChange} />
      ) : (
        <Field {...rootField} value={value} onChange={onChange} isRoot />
      )}
      <button type="button" className="button button-quiet" onClick={() => setJson(!isJson)}>
        {isJson ? "Edit by fields" : "Edit as JSON"}
      </button>
    </>
  );
}

function ErrorList({ errors }: { readonly errors: FormErrors }): ReactNode {
  if (errors.byPointer.size === 0) return null;
  return (
    <ul>
      {[...errors.byPointer].map(([pointer, detail]) => (
        <li key={pointer}>
          {pointer === "" ? null : <code>{pointer.slice(1).replaceAll("/", ".")}</code>} {detail}
        </li>
      ))}
    </ul>
  );
}
