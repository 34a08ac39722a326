/** The Node flags for module loading. Debugger and profiler flags are excluded, because a second process cannot share them. */
const KEPT_FLAGS =
  /^(?:--conditions|-C|--import|--require|-r|--loader|--experimental-\S+|--no-experimental-\S+|--enable-source-maps|--no-warnings|--disable-warning)$/;

/** Flags whose value may be the next argument. */
const FLAGS_WITH_VALUE = /^(?:--conditions|-C|--import|--require|-r|--loader|--experimental-loader|--disable-warning)$/;

/** Returns the Node arguments for a child that loads the same modules, with a memory limit. */
export function childExecArgv(execArgv: readonly string[], memoryMb: number): string[] {
  const kept: string[] = [];
  for (let index = 0; index < execArgv.length; index++) {
    const argument = execArgv[index] ?? "";
    const [flag = "", ...value] = argument.split("=");
    if (!KEPT_FLAGS.test(flag)) continue;
    kept.push(argument);
    const next = execArgv[index + 1];
    if (value.length === 0 && FLAGS_WITH_VALUE.test(flag) && next !== undefined) {
      kept.push(next);
      index++;
    }
  }
  return [...kept, `--max-old-space-size=${memoryMb}`];
}
