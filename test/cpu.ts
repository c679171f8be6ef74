/** CPU milliseconds of this process, user and system, that the work takes: unlike elapsed time, load on the machine hardly changes it. */
export function cpuMs(work: () => unknown): number {
  const begun = process.cpuUsage();
  work();
  const {user, system} = process.cpuUsage(begun);
  return (user + system) / 1000;
}
