// Ends the process once its parent is gone, also while the main thread is in a loop that never ends.
const parent = process.ppid;
const never = new Int32Array(new SharedArrayBuffer(4));

while (process.ppid === parent) Atomics.wait(never, 0, 0, 1000);
process.kill(process.pid, "SIGKILL");
