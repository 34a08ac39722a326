import type { ReactNode } from "react";
import type { FieldProps } from "./field-props.ts";
import { JsonField } from "./json-field.tsx";
import { ListField } from "./list-field.tsx";
import { ObjectField } from "./object-field.tsx";
import { readSchema } from "./schema.ts";
import { SimpleField } from "./simple-field.tsx";

/** A field of a form. Its schema determines the kind. */
export function Field(props: FieldProps): ReactNode {
  const read = readSchema(props.schema, props.document);
  const fieldProps = { ...props, read, ChildField: Field };
  switch (read.kind) {
    case "object":
      return <ObjectField {...fieldProps} />;
    case "list":
      return <ListField {...fieldProps} />;
    case "json":
      return <JsonField {...props} />;
    default:
      return <SimpleField {...fieldProps} />;
  }
}
