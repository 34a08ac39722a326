import type { ComponentType } from "react";
import type { JsonSchema } from "../../core/json/schema.ts";
import type { FormErrors } from "./form-errors.ts";
import type { FieldSchema } from "./schema.ts";

/** Schema, location and errors of a field. */
export interface FieldContext {
  readonly schema: JsonSchema;
  /** Root schema, for resolving references. */
  readonly document: JsonSchema;
  /** JSON pointer of the value within the form. */
  readonly pointer: string;
  readonly name: string;
  readonly isRequired: boolean;
  readonly errors: FormErrors;
}

export interface FieldProps extends FieldContext {
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  /** True for the root of the form, which has no frame. @default false */
  readonly isRoot?: boolean;
}

export interface ReadFieldProps extends FieldProps {
  readonly read: FieldSchema;
  /** The component for nested fields. */
  readonly ChildField: ComponentType<FieldProps>;
}

/** Props of every input element. */
export interface InputProps {
  readonly id: string;
  readonly read: FieldSchema;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly ariaProps: {
    readonly "aria-describedby": string | undefined;
    readonly "aria-invalid": true | undefined;
    readonly "aria-required": true | undefined;
  };
}
