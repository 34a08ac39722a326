/** The names of the fields of a `T`, with dots between nested names: `database.password`. At most five levels. */
export type FieldName<T, Deeper extends readonly unknown[] = [1, 2, 3, 4]> = T extends readonly (infer Item)[]
  ? FieldName<Item, Deeper>
  : T extends object
    ? {
        [Field in keyof T & string]-?:
          | Field
          | (Deeper extends readonly [unknown, ...infer Rest]
              ? `${Field}.${FieldName<NonNullable<T[Field]>, Rest>}`
              : never);
      }[keyof T & string]
    : never;

/** A `T` without the fields of these names: the configuration as clients see it. */
export type Redacted<T, Names extends string> = [Names] extends [never]
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Redacted<Item, Names>[]
    : T extends object
      ? { [Field in keyof T as Field extends Names ? never : Field]: Redacted<T[Field], Below<Names, Field>> }
      : T;

type Below<Names extends string, Field> = Field extends string
  ? Names extends `${Field}.${infer Rest}`
    ? Rest
    : never
  : never;
