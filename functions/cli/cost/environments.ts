import type { Random } from '#shared/ports/random.ts';

/** The environments of a function: what Lambda keeps warm, each with memory of its own. */
export class Environments<Environment> {
  readonly #make: () => Environment;
  readonly #random: Random;
  readonly #idle: Environment[] = [];
  #started = 0;

  constructor(make: () => Environment, random: Random) {
    this.#make = make;
    this.#random = random;
  }

  /** How many there are. */
  get started(): number {
    return this.#started;
  }

  /** Works in an idle environment, or in a new one. Which of several idle ones Lambda takes is not known: any. */
  async run<Result>(work: (environment: Environment, isCold: boolean) => Promise<Result>): Promise<Result> {
    const isCold = this.#idle.length === 0;
    const environment = isCold
      ? this.#make()
      : this.#idle.splice(Math.floor(this.#random.next() * this.#idle.length), 1)[0];
    if (isCold) this.#started++;
    try {
      return await work(environment, isCold);
    } finally {
      this.#idle.push(environment);
    }
  }
}
