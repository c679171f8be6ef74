/** Why nothing is built, where who asked named a page or a place that cannot be. */
export class BuildRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BuildRefused";
  }
}
