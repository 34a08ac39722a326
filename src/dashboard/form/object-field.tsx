import type { ReactNode } from "react";
import { labelText } from "../components/text.ts";
import type { ReadFieldProps } from "./field-props.ts";
import { isFields } from "./merge-patch.ts";

export function ObjectField(props: ReadFieldProps): ReactNode {
  const { read, value, onChange, pointer, name, document, errors, ChildField, isRoot = false } = props;
  const fields: Readonly<Record<string, unknown>> = isFields(value) ? value : {};
  const change = (field: string, next: unknown): void => {
    const { [field]: _, ...others } = fields;
    onChange(next === undefined ? others : { ...fields, [field]: next });
  };
  const childFields = read.properties.map(([field, schema, isRequired]) => (
    <ChildField
      key={field}
      schema={schema}
      document={document}
      pointer={`${pointer}/${field.replaceAll("~", "~0").replaceAll("/", "~1")}`}
      name={field}
      isRequired={isRequired}
      errors={errors}
      value={fields[field]}
      onChange={(next) => change(field, next)}
    />
  ));
  if (isRoot) return <div className="form-fields">{childFields}</div>;
  return (
    <fieldset className="fieldset">
      <legend>{read.title ?? labelText(name)}</legend>
      {childFields}
    </fieldset>
  );
}
