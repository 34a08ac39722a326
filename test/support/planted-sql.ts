const OPERATORS = ["=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "||"];
const TYPES = ["text", "varchar", "name", "bigint", "integer", "numeric", "double precision", "boolean", "oid"];
/** Functions of one parameter that the statements of a store call. */
const ONE = ["count", "json_agg", "to_json", "to_jsonb", "to_timestamp", "hashtext", "lower", "min", "max", "sum"];
/** Further ones, with types to which a call could be converted less than to those of PostgreSQL. */
const SIGNATURES = [
  "json_build_array(bigint, bigint)",
  "to_json(record)",
  "json_agg(json)",
  "json_agg(jsonb)",
  "format(text, name, name)",
  "substr(name, integer)",
  "obj_description(oid, text)",
  "setval(text, bigint, boolean)",
  "pg_get_serial_sequence(text, name)",
  "pg_notify(varchar, text)",
  "strpos(varchar, text)",
  "set_config(varchar, text, boolean)",
];

/**
 * Returns the statements by which a role that may create objects in the schema public plants functions and operators
 * there. PostgreSQL prefers one that fits the types of a call exactly to its own one that needs a conversion. Each fails.
 */
export function plantedSql(): string {
  const functions = [
    ...ONE.flatMap((name) => TYPES.map((type) => `${name}(${type})`)),
    ...TYPES.map((type) => `unnest(${type}[])`),
    ...SIGNATURES,
  ];
  const operators = OPERATORS.flatMap((name) => TYPES.flatMap((left) => TYPES.map((right) => [name, left, right])));
  const body = (name: string): string => `language plpgsql as $$ begin raise exception 'planted: ${name}'; end $$`;
  return [
    ...functions.map((name) => `create function public.${name} returns text ${body(name)};`),
    ...operators.map(([name = "", left = "", right = ""], index) => {
      const result = /[<>=]/.test(name) ? "boolean" : "text";
      return `create function public.planted_${index}(${left}, ${right}) returns ${result} ${body(`${left} ${name} ${right}`)};
        create operator public.${name} (leftarg = ${left}, rightarg = ${right}, function = public.planted_${index});`;
    }),
  ].join("\n");
}
