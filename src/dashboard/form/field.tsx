import type { ReactNode } from "react";
import { JsonField } from "./json-field.tsx";
import type { FieldProps } from "./json-pointer.ts";
import { ListField } from "./list-field.tsx";
import { ObjectField } from "./object-field.tsx";
import { readSchema } from "./schema.ts";
import { SimpleField } from "./simple-field.tsx";

/** One field of a form, of whatever kind its schema says. */
export function Field(props: FieldProps): ReactNode {
  const read = readSchema(props.schema, props.document);
  const own = { ...props, read, Inside: Field };
  switch (read.kind) {
    case "object":
      return <ObjectField {...own} />;
    case "list":
      return <ListField {...own} />;
    case "json":
      return <JsonField {...props} />;
    default:
      return <SimpleField {...own} />;
  }
}
