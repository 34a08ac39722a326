/** Identifies one operation of a resource. The id of the operation is random, so a task cannot be guessed. */
export interface TaskReference {
  readonly operation: string;
  /** Path segment of the collection. */
  readonly collection: string;
  /** Id of the resource. */
  readonly id: string;
}

/** Returns the id of a task. It contains the whole reference, so it resolves on every node and after every restart. */
export function taskIdOf({ operation, collection, id }: TaskReference): string {
  return `${operation}.${collection}.${id}`;
}

// The id of a resource may have dots; the other parts have none.
const TASK_ID = /^([A-Za-z0-9_-]{1,128})\.([a-z0-9-]{1,128})\.([A-Za-z0-9._~-]{1,128})$/;

/** Returns the reference in the id of a task; undefined for any other text. */
export function parseTaskId(taskId: unknown): TaskReference | undefined {
  const [, operation, collection, id] = (typeof taskId === "string" ? TASK_ID.exec(taskId) : null) ?? [];
  if (operation === undefined || collection === undefined || id === undefined) return undefined;
  return { operation, collection, id };
}

/** Reads the reference from `Operation-Location`. */
export function referenceFrom(operationLocation: string | undefined): TaskReference | undefined {
  const url = operationLocation === undefined ? null : URL.parse(operationLocation, "http://localhost");
  const operation = url?.pathname.split("/").at(-1) ?? "";
  return parseTaskId(`${operation}.${(url?.searchParams.get("resource") ?? "").replace("/", ".")}`);
}
